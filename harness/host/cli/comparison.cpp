// SPDX-License-Identifier: MIT
#include "cli/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include "base/escape.h"
#include "base/file.h"
#include "cli/measuring.h"
#include "gate/baseline.h"
#include "gate/changed_functions.h"
#include "gate/compare.h"
#include "gate/export.h"
#include "gate/results_side.h"
#include "plan/selection.h"
#include "session/project_paths.h"
#include "text/gate_text.h"

namespace probebench::cli {
namespace {

std::string formatted(const std::string& format, const gate::Report& report) {
  for (const auto& one : gate::kExports) {
    if (one.name == format) return one.write(report);
  }
  return text::gate_text(report);
}

// Jobs append: several steps may have something to say.
Status append_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::app);
  file << text;
  file.flush();
  if (file) return Done{};
  return Error{Fault::cell, "append to " + path.string(), 0, {}};
}

// It was looked at before anything was measured, so what fails now is no wrong usage; the report is shown all
// the same.
void write_exports(const ComparisonOptions& options, const gate::Report& report, CommandResult& result) {
  for (const auto& one : options.exports) {
    const auto name = one.substr(0, one.find('='));
    const auto written = write_output(one.substr(name.size() + 1), formatted(name, report));
    if (written) continue;
    result.add_problem({Fault::cell, fmt::format("--export {}: cannot be written", one), written.error().err,
                        "name a file in a folder that exists and has room"});
  }
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (summary == nullptr || *summary == '\0') return;
  const auto appended = append_file(summary, gate::report_markdown(report));
  if (!appended) result.add_problem(appended.error());
}

// The command line as others would type it: without where this one's outputs went.
Arguments repeatable(const Arguments& line) {
  constexpr std::array<std::string_view, 3> kOutputs{"--export", "--output", "--format"};
  Arguments words{"./run-bench"};
  for (std::size_t i = 1; i < line.size(); ++i) {
    const auto name = line[i].substr(0, line[i].find('='));
    const bool is_output = std::ranges::find(kOutputs, name) != kOutputs.end();
    if (is_output && name == line[i]) ++i;
    if (!is_output && name != "--quiet") words.push_back(quoted_for_shell(line[i]));
  }
  return words;
}

bool on_github() {
  const char* set = std::getenv("GITHUB_ACTIONS");
  return set != nullptr && std::string_view(set) == "true";
}

constexpr const char* kCompareFooter =
    "\nA, B: a results.json, a run's directory, or a name in ci/baselines/.\n"
    "\nExamples:\n"
    "  ./run-bench compare results/one results/latest --format markdown\n"
    "  ./run-bench compare results/one results/latest --export csv=changes.csv\n";

struct CompareOptions : ComparisonOptions {};

void add_options(CLI::App& app, CompareOptions& options) {
  app.add_option("A", options.a, "the base")->required()->type_name("");
  app.add_option("B", options.b, "what is compared with it")->required()->type_name("");
  add_comparison_options(app, options);
  app.footer(kCompareFooter);
}

Status take_options(const Arguments& passed, const CompareOptions& options) {
  auto status = refuse_flags(passed);
  return status ? check_exports(options) : status;
}

Result<CommandResult> perform(const CompareOptions& options, const Arguments& line) {
  auto [base, head] = TRY(find_sides(options.a, options.b, options));
  const auto rules = rules_for(options, base, head);
  return reported(options, line, base, head, gate::report_of(gate::compare(gate::match(base, head, rules))));
}

}  // namespace

void add_comparison_options(CLI::App& app, ComparisonOptions& options) {
  app.add_option("--may-differ", options.may_differ, "facts that targets may differ in")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("FACTS");
  add_baselines_option(app, options.baselines);
  app.add_option("--format", options.format, "table, markdown, json or csv [table]")
      ->check(CLI::IsMember({"table", "markdown", "json", "csv"}).description(""))
      ->type_name("WHAT");
  app.add_option("--export", options.exports,
                 "json, csv, markdown, junit, bmf, smaller, selftest, patch, cover")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("WHAT=FILE");
}

void add_baselines_option(CLI::App& app, fs::path& baselines) {
  app.add_option("--baselines", baselines, "the folder of baselines [ci/baselines]")->type_name("DIR");
}

Status check_exports(const ComparisonOptions& options) {
  for (const auto& one : options.exports) {
    const auto name = one.substr(0, one.find('='));
    const auto known =
        std::ranges::find(gate::kExports, name, &gate::ExportFormat::name) != gate::kExports.end();
    if (known && one.size() > name.size() + 1) {
      TRY(check_copy("--export", one.substr(name.size() + 1)));
      continue;
    }
    std::vector<std::string_view> names;
    for (const auto& format : gate::kExports) names.push_back(format.name);
    return Error{
        Fault::usage,
        fmt::format("--export {}: expected WHAT=FILE, WHAT being one of {}", one, fmt::join(names, ", ")), 0,
        known ? std::string() : plan::did_you_mean(name, names, "")};
  }
  return Done{};
}

fs::path baselines_folder(const fs::path& named) {
  if (!named.empty()) return named;
  const auto project = session::find_project();
  return project ? project->root / "ci" / "baselines" : fs::path("ci/baselines");
}

// A fact that neither side has was not meant.
Status check_may_differ(const std::vector<std::string>& names, const gate::Side& base,
                        const gate::Side& head) {
  std::set<std::string> facts;
  for (const auto* side : {&base, &head}) {
    for (const auto& target : side->targets) {
      for (const auto& [name, value] : target.identity) facts.insert(name);
      for (const auto& [name, value] : target.others) facts.insert(name);
    }
  }
  const std::vector<std::string_view> known(facts.begin(), facts.end());
  for (const auto& name : names) {
    if (std::ranges::any_of(facts, [&](const auto& fact) { return gate::covers(name, fact); })) continue;
    return Error{Fault::usage, fmt::format("--may-differ {}: neither side has such a fact", name), 0,
                 plan::did_you_mean(name, known,
                                    "facts are named as in results.json, with a * at the end for all "
                                    "that begin so")};
  }
  return Done{};
}

Result<Sides> find_sides(const std::string& a, const std::string& b, const ComparisonOptions& options) {
  const auto baselines = baselines_folder(options.baselines);
  auto base = TRY(gate::find_side(a, baselines));
  auto head = TRY(gate::find_side(b, baselines));
  TRY(check_may_differ(options.may_differ, base, head));
  return Sides{std::move(base), std::move(head)};
}

gate::MatchRules rules_for(const ComparisonOptions& options, const gate::Side& base, const gate::Side& head) {
  gate::MatchRules rules{.may_differ = options.may_differ};
  if (base.is_baseline || head.is_baseline) {
    rules.may_differ.insert(rules.may_differ.end(), gate::kJudgedFacts.begin(), gate::kJudgedFacts.end());
  }
  return rules;
}

Result<CommandResult> reported(const ComparisonOptions& options, const Arguments& line,
                               const gate::Side& base, const gate::Side& head, gate::Report report) {
  report.command = repeatable(line);
  report.base = base.source;
  report.head = head.source;
  gate::name_functions(report, gate::recorded_paths(base.folder), gate::recorded_paths(head.folder));
  CommandResult result{.output = formatted(options.format, report)};
  if (report.verdict) result.exit_code = gate::info_of(*report.verdict).exit_code;
  write_exports(options, report, result);
  if (report.verdict && on_github()) result.annotations = gate::github_annotations(report);
  return result;
}

Subcommand add_compare(CLI::App& app) {
  return subcommand<CompareOptions>(app.add_subcommand("compare", "two results side by side"));
}

}  // namespace probebench::cli
