// SPDX-License-Identifier: MIT
#include "plan/question_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>

#include "base/file.h"
#include "plan/toml_entries.h"
#include "plan/toml_keys.h"

namespace probebench::plan {
namespace {

constexpr std::size_t kMostQuestions = 1000;  // each is a boot
constexpr std::size_t kLongestQuestionName = 60;
constexpr std::array<std::string_view, 8> kQuestionKeys{"name",     "probes",  "bpf_object", "bpftrace",
                                                        "workload", "handler", "timeout_s",  "command"};

TomlSuite questions_at(const fs::path& origin) {
  return {origin, "question", "docs/workloads.md has the form"};
}

Result<std::int64_t> timeout_of(const TomlEntry& entry) {
  if (!entry.table().contains("timeout_s")) return std::int64_t{0};
  const auto seconds = entry.table()["timeout_s"].value_exact<std::int64_t>().value_or(0);
  if (seconds < 1) return entry.wrong("`timeout_s` is no number of seconds");
  return seconds;
}

// One [[question]]; the first thing wrong with it is the error.
Result<Question> question_from(TomlEntry entry) {
  Question question;
  question.name = TRY(entry.take_name(kLongestQuestionName));
  TRY(entry.check_keys(kQuestionKeys));
  question.probes = TRY(entry.texts_of("probes"));
  question.command = TRY(entry.texts_of("command"));
  question.bpf_object = TRY(entry.file_of("bpf_object"));
  question.bpftrace = TRY(entry.text_of("bpftrace"));
  question.workload = TRY(entry.line_of("workload"));
  question.handler = TRY(entry.line_of("handler"));
  question.timeout_s = TRY(timeout_of(entry));
  return question;
}

Result<std::vector<Question>> questions_from(const toml::table& root, const fs::path& origin) {
  const auto file = questions_at(origin);
  if (const auto stranger = unknown_key(root, std::array<std::string_view, 1>{file.kind});
      !stranger.empty()) {
    return file.error(fmt::format("unknown key '{}'", stranger));
  }
  return read_entries<Question>(root, file, kMostQuestions, question_from);
}

}  // namespace

Result<std::vector<Question>> parse_questions(std::string_view text, const fs::path& origin) {
  try {
    const auto root = toml::parse(text);
    return questions_from(root, origin);
  } catch (const toml::parse_error& error) {
    return questions_at(origin).error(
        fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<std::vector<Question>> load_questions(const fs::path& file) {
  const auto text = read_file(file);
  if (text) return parse_questions(*text, file);
  return Error{Fault::usage, "suite " + file.string() + ": cannot be read", text.error().err, {}};
}

}  // namespace probebench::plan
