// SPDX-License-Identifier: MIT
#include "plan/suite_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "plan/recipe_file.h"
#include "plan/selection.h"
#include "plan/toml_keys.h"

namespace probebench::plan {
namespace {

// struct pb_set takes no more (kmod/pb_abi.h).
constexpr std::size_t kMostFunctions = 2048;
constexpr std::array<std::string_view, 5> kKeys{"name", "summary", "handler", "prune", "group"};
constexpr std::array<std::string_view, 2> kGroupKeys{"workloads", "functions"};

Error suite_error(const fs::path& origin, const std::string& problem, std::string hint = {}) {
  if (hint.empty()) hint = "suites/hot-path.toml has the form";
  return {Fault::usage, fmt::format("suite {}: {}", origin.string(), problem), 0, std::move(hint)};
}

// The strings of an array; nothing when it is missing or has something else in it.
std::vector<std::string> strings_of(const toml::table& table, std::string_view key) {
  std::vector<std::string> strings;
  const auto* array = table[key].as_array();
  if (array == nullptr) return {};
  for (const auto& node : *array) {
    const auto text = node.value<std::string>();
    if (!text || text->empty()) return {};
    strings.push_back(*text);
  }
  return strings;
}

std::string repeated(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const auto& name : names) {
    if (!seen.insert(name).second) return name;
  }
  return {};
}

// Reads one file into a suite; the first thing wrong with it is the error.
class Reader {
 public:
  Reader(const toml::table& root, const fs::path& origin) : root_(root), origin_(origin) {}

  Result<SuitePlan> read() {
    if (const auto key = unknown_key(root_, kKeys); !key.empty())
      return wrong(fmt::format("unknown key '{}'", key));
    suite_.name = root_["name"].value_or(std::string());
    if (suite_.name.empty()) return wrong("`name` is missing");
    suite_.summary = root_["summary"].value_or(std::string());
    TRY(read_handler());
    if (root_.contains("prune") && !root_["prune"].is_boolean()) return wrong("`prune` is not true or false");
    suite_.prune = root_["prune"].value_or(false);
    const auto* groups = root_["group"].as_array();
    if (groups == nullptr || groups->empty()) return wrong("no [[group]] entry");
    for (const auto& group : *groups) {
      if (!group.is_table()) return wrong("`group` is not a list of tables");
      TRY(read_group(*group.as_table()));
    }
    return std::move(suite_);
  }

 private:
  Error wrong(const std::string& problem, std::string hint = {}) const {
    return suite_error(origin_, problem, std::move(hint));
  }

  Status read_handler() {
    const auto name = root_["handler"].value_or(std::string("count"));
    const auto handler = handler_choice_from(name);
    if (!handler)
      return wrong(fmt::format("unknown handler '{}'", name), "as --handler takes it, for example count");
    suite_.handler = *handler;
    return Done{};
  }

  Status read_group(const toml::table& table) {
    if (const auto key = unknown_key(table, kGroupKeys); !key.empty())
      return wrong(fmt::format("unknown key '{}'", key));
    SuiteGroup group;
    for (const auto& name : strings_of(table, "workloads")) {
      TRY(add_workload(name, group));
    }
    if (group.workloads.empty()) return wrong("a [[group]] has no `workloads`, a list of names");
    group.functions = strings_of(table, "functions");
    if (group.functions.empty()) return wrong("a [[group]] has no `functions`, a list of names");
    if (group.functions.size() > kMostFunctions) {
      return wrong(fmt::format("{} functions in a [[group]]: at most {} may be", group.functions.size(),
                               kMostFunctions));
    }
    if (const auto name = repeated(group.functions); !name.empty()) {
      return wrong(fmt::format("function '{}' is there twice in a [[group]]", name));
    }
    suite_.groups.push_back(std::move(group));
    return Done{};
  }

  Status add_workload(const std::string& name, SuiteGroup& group) {
    const auto id = operation_from_name(name);
    if (!id) {
      return wrong(fmt::format("unknown workload '{}'", name),
                   did_you_mean(name, operation_names(),
                                fmt::format("known are {}", fmt::join(operation_names(), ", "))));
    }
    if (!used_.insert(*id).second) return wrong(fmt::format("workload '{}' is there twice", name));
    group.workloads.push_back(*id);
    return Done{};
  }

  const toml::table& root_;
  const fs::path& origin_;
  SuitePlan suite_;
  std::set<WorkloadId> used_;
};

Error unknown_choice(const char* option, std::string_view name, const std::vector<std::string_view>& known) {
  return {Fault::usage, fmt::format("{} {}: there is none of this name", option, name), 0,
          did_you_mean(name, known, fmt::format("known are {}", fmt::join(known, ", ")))};
}

// The comma-separated names, each of which must be known.
Result<std::set<std::string>> names_in(const char* option, const std::string& list,
                                       const std::vector<std::string_view>& known) {
  std::set<std::string> names;
  if (list.empty()) return names;
  for (const auto name : split(list, ',')) {
    if (std::ranges::find(known, name) == known.end()) return unknown_choice(option, name, known);
    names.emplace(name);
  }
  return names;
}

void keep_workloads(SuitePlan& suite, const std::set<std::string>& names) {
  for (auto& group : suite.groups) {
    std::erase_if(group.workloads,
                  [&](WorkloadId id) { return !names.contains(std::string(info_of(id).name)); });
  }
  std::erase_if(suite.groups, [](const SuiteGroup& group) { return group.workloads.empty(); });
}

std::vector<std::string> all_functions(const SuitePlan& suite) {
  std::vector<std::string> all;
  std::set<std::string> seen;
  for (const auto& group : suite.groups) {
    for (const auto& function : group.functions) {
      if (seen.insert(function).second) all.push_back(function);
    }
  }
  return all;
}

bool is_path(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".toml");
}

Result<SuitePlan> load_suite(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return suite_error(file, text.error().message());
  if (has_recipes(*text)) return suite_error(file, "it has recipes", "./run-bench cost --suite takes them");
  return parse_suite(*text, file);
}

}  // namespace

Result<SuitePlan> parse_suite(std::string_view text, const fs::path& origin) {
  try {
    const auto root = toml::parse(text);
    return Reader(root, origin).read();
  } catch (const toml::parse_error& error) {
    return suite_error(origin, fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<std::vector<SuitePlan>> load_suites(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(directory, failure)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  if (failure) return suite_error(directory, failure.message());
  std::ranges::sort(files);
  std::vector<SuitePlan> suites;
  for (const auto& file : files) {
    const auto text = read_file(file);
    if (!text) return suite_error(file, text.error().message());
    if (has_recipes(*text)) continue;
    auto suite = TRY(parse_suite(*text, file));
    suites.push_back(std::move(suite));
  }
  return suites;
}

Result<std::vector<SuitePlan>> choose_suites(std::vector<SuitePlan> suites, const std::string& names,
                                             const std::string& workloads) {
  std::vector<std::string_view> known;
  for (const auto& suite : suites) known.push_back(suite.name);
  const auto chosen = TRY(names_in("--suite", names, known));
  const auto kept = TRY(names_in("--workload", workloads, operation_names()));
  if (!chosen.empty()) {
    std::erase_if(suites, [&](const SuitePlan& suite) { return !chosen.contains(suite.name); });
  }
  if (!kept.empty()) {
    for (auto& suite : suites) keep_workloads(suite, kept);
  }
  return suites;
}

Result<std::vector<SuitePlan>> suites_asked_for(const fs::path& directory, const std::string& names,
                                                const std::string& workloads) {
  auto suites = TRY(load_suites(directory));
  std::string chosen;
  const auto parts = names.empty() ? std::vector<std::string_view>{} : split(names, ',');
  for (const auto part : parts) {
    std::string name(part);
    if (is_path(part)) {
      auto own = TRY(load_suite(name));
      name = own.name;
      std::erase_if(suites, [&](const SuitePlan& suite) { return suite.name == name; });
      suites.push_back(std::move(own));
    }
    chosen += (chosen.empty() ? "" : ",") + name;
  }
  return choose_suites(std::move(suites), chosen, workloads);
}

void add_command(std::vector<SuitePlan>& suites) {
  for (auto& suite : suites) suite.groups.push_back({{WorkloadId::command}, all_functions(suite)});
}

}  // namespace probebench::plan
