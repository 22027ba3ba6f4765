// SPDX-License-Identifier: MIT
#include "plan/question_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/file.h"
#include "plan/selection.h"
#include "plan/toml_keys.h"

namespace probebench::plan {
namespace {

constexpr std::size_t kMostQuestions = 1000;  // each is a boot
constexpr std::size_t kLongestQuestionName = 60;
constexpr std::array<std::string_view, 8> kQuestionKeys{"name",     "probes",  "bpf_object", "bpftrace",
                                                        "workload", "handler", "timeout_s",  "command"};

Error questions_error(const fs::path& origin, const std::string& problem, std::string hint = {}) {
  if (hint.empty()) hint = "docs/workloads.md has the form";
  return {Fault::usage, fmt::format("suite {}: {}", origin.string(), problem), 0, std::move(hint)};
}

// Also that of a directory.
bool is_question_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= kLongestQuestionName && std::ranges::all_of(name, fits);
}

// One [[question]]; the first thing wrong with it is the error.
class QuestionReader {
 public:
  QuestionReader(const toml::table& table, const fs::path& origin, std::size_t number)
      : table_(table), origin_(origin), where_(fmt::format("question {}", number)) {}

  Result<Question> read() {
    TRY(read_text("name", question_.name));
    if (!is_question_name(question_.name)) {
      return wrong(fmt::format("name '{}'", question_.name),
                   fmt::format("at most {} letters, digits, - and _", kLongestQuestionName));
    }
    where_ = "question " + question_.name;
    if (const auto stranger = unknown_key(table_, kQuestionKeys); !stranger.empty()) {
      return wrong(fmt::format("unknown key '{}'", stranger),
                   did_you_mean(stranger, kQuestionKeys, fmt::format("{}", fmt::join(kQuestionKeys, ", "))));
    }
    TRY(read_list("probes", question_.probes));
    TRY(read_list("command", question_.command));
    TRY(read_text("bpf_object", question_.bpf_object));
    TRY(read_text("bpftrace", question_.bpftrace));
    TRY(read_text("workload", question_.workload));
    TRY(read_text("handler", question_.handler));
    TRY(read_timeout());
    if (!question_.bpf_object.empty()) {
      question_.bpf_object = (origin_.parent_path() / question_.bpf_object).string();
    }
    return std::move(question_);
  }

 private:
  Error wrong(const std::string& problem, std::string hint = {}) const {
    return questions_error(origin_, where_ + ": " + problem, std::move(hint));
  }

  Status read_text(std::string_view key, std::string& text) const {
    if (!table_.contains(key)) return Done{};
    text = table_[key].value_exact<std::string>().value_or("");
    if (text.empty()) return wrong(fmt::format("`{}` is no text", key));
    return Done{};
  }

  Status read_list(std::string_view key, std::vector<std::string>& texts) const {
    if (!table_.contains(key)) return Done{};
    const auto* array = table_[key].as_array();
    if (array == nullptr || array->empty() || !array->is_homogeneous(toml::node_type::string)) {
      return wrong(fmt::format("`{}` is no list of texts", key));
    }
    for (const auto& node : *array) texts.push_back(node.value_exact<std::string>().value_or(""));
    return Done{};
  }

  Status read_timeout() {
    if (!table_.contains("timeout_s")) return Done{};
    question_.timeout_s = table_["timeout_s"].value_exact<std::int64_t>().value_or(0);
    if (question_.timeout_s < 1) return wrong("`timeout_s` is no number of seconds");
    return Done{};
  }

  const toml::table& table_;
  const fs::path& origin_;
  std::string where_;
  Question question_;
};

Result<std::vector<Question>> questions_from(const toml::table& root, const fs::path& origin) {
  if (const auto stranger = unknown_key(root, std::array<std::string_view, 1>{"question"});
      !stranger.empty()) {
    return questions_error(origin, fmt::format("unknown key '{}'", stranger));
  }
  const auto* entries = root["question"].as_array();
  if (entries == nullptr || entries->empty()) return questions_error(origin, "no [[question]] entry");
  if (entries->size() > kMostQuestions) {
    return questions_error(origin,
                           fmt::format("{} questions: at most {} may be", entries->size(), kMostQuestions));
  }
  std::vector<Question> questions;
  std::set<std::string> names;
  for (const auto& entry : *entries) {
    if (!entry.is_table()) return questions_error(origin, "`question` is not a list of tables");
    auto question = TRY(QuestionReader(*entry.as_table(), origin, questions.size() + 1).read());
    if (!names.insert(question.name).second) {
      return questions_error(origin, fmt::format("question {} is there twice", question.name));
    }
    questions.push_back(std::move(question));
  }
  return questions;
}

}  // namespace

Result<std::vector<Question>> parse_questions(std::string_view text, const fs::path& origin) {
  try {
    const auto root = toml::parse(text);
    return questions_from(root, origin);
  } catch (const toml::parse_error& error) {
    return questions_error(origin,
                           fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<std::vector<Question>> load_questions(const fs::path& file) {
  const auto text = read_file(file);
  if (text) return parse_questions(*text, file);
  return Error{Fault::usage, "suite " + file.string() + ": cannot be read", text.error().err, {}};
}

}  // namespace probebench::plan
