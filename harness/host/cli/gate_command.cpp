// SPDX-License-Identifier: MIT
#include "cli/gate_command.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "gate/baseline.h"
#include "gate/changed_functions.h"
#include "gate/export.h"
#include "gate/find_side.h"
#include "session/project_paths.h"
#include "text/gate_text.h"

namespace probebench {
namespace {

struct Sides {
  Side base;
  Side head;
};

// Files can be compared from anywhere; the project is only asked for its baselines.
fs::path baselines_of(const GateOptions& gate) {
  if (!gate.baselines.empty()) return gate.baselines;
  const auto project = find_project();
  return project ? project->root / "ci" / "baselines" : fs::path("ci/baselines");
}

Result<Sides> find_sides(const GateOptions& gate) {
  auto base = find_side(gate.a, baselines_of(gate));
  if (!base) return base.error();
  auto head = find_side(gate.b, baselines_of(gate));
  if (!head) return head.error();
  return Sides{*std::move(base), *std::move(head)};
}

// A baseline judges the project's own code, so that alone may differ.
MatchRules rules_for(const GateOptions& gate, const Sides& sides) {
  MatchRules rules{.may_differ = gate.may_differ};
  if (sides.base.is_baseline || sides.head.is_baseline) {
    rules.may_differ.insert(rules.may_differ.end(), kJudgedFacts.begin(), kJudgedFacts.end());
  }
  return rules;
}

std::string formatted(const std::string& format, const Report& report) {
  for (const auto& one : kExports) {
    if (one.name == format) return one.write(report);
  }
  return gate_text(report);
}

// Jobs append: several steps may have something to say.
Status append_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::app);
  file << text;
  file.flush();
  if (file) return Done{};
  return Error{Fault::cell, "append to " + path.string(), 0, {}};
}

Status write_exports(const GateOptions& gate, const Report& report) {
  for (const auto& one : gate.exports) {
    const auto name = one.substr(0, one.find('='));
    auto written = write_file_atomic(one.substr(name.size() + 1), formatted(name, report));
    if (!written) return written;
  }
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (summary == nullptr || *summary == '\0') return Done{};
  return append_file(summary, report_markdown(report));
}

bool on_github() {
  const char* set = std::getenv("GITHUB_ACTIONS");
  return set != nullptr && std::string_view(set) == "true";
}

Result<CommandResult> reported(const Options& options, const Report& report) {
  if (auto written = write_exports(options.gate, report); !written) return written.error();
  CommandResult result;
  result.output = formatted(options.gate.format, report);
  if (report.verdict) {
    result.exit_code = info_of(*report.verdict).exit_code;
    if (on_github()) result.annotations = github_annotations(report);
  }
  return result;
}

// A head that no baseline fits: what would accept it.
void add_acceptance(Report& report, const Side& base, const Side& head) {
  if (!base.is_baseline || report.verdict != Verdict::incomparable) return;
  report.notes.push_back(fmt::format(
      "No baseline fits. To accept this run: ./run-bench baseline update {} --reason 'WHY'", head.source));
}

Result<Session> session_in(const fs::path& directory) {
  const auto path = directory / kSessionFile;
  const auto text = read_file(path);
  if (!text) {
    return Error{Fault::usage, fmt::format("{}: no {} in it", directory.string(), kSessionFile), 0,
                 "pass two results, or the directory that gate --base and --head left"};
  }
  return read_session(*text, path.string());
}

// A session's directory holds both sides.
Result<CommandResult> judge_again(const Options& options) {
  const fs::path directory = options.gate.a;
  const auto session = session_in(directory);
  if (!session) return session.error();
  auto again = options;
  again.gate.a = directory / "base";
  again.gate.b = directory / "head";
  const auto sides = find_sides(again.gate);
  if (!sides) return sides.error();
  return judge_sides(options, sides->base, sides->head,
                     {.may_differ = {}, .chosen = true, .any_handler = session->any_handler}, &*session);
}

Result<std::optional<Baseline>> earlier_baseline(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::optional<Baseline>();
  const auto text = read_file(path);
  if (!text) return text.error();
  auto baseline = read_baseline(*text, path.string());
  if (!baseline) return baseline.error();
  return std::optional<Baseline>(*std::move(baseline));
}

Result<std::string> update_one(const fs::path& folder, const SideTarget& target, BaselineUpdate update) {
  const auto path = folder / baseline_file_name(target);
  const auto earlier = earlier_baseline(path);
  if (!earlier) return earlier.error();
  const auto baseline = updated_baseline(target, *earlier ? &**earlier : nullptr, std::move(update));
  if (!baseline) return baseline.error();
  if (auto written = write_file_atomic(path, write_baseline(*baseline)); !written) return written.error();
  return fmt::format("{}\n  {} cells, {} changed\n", path.string(), baseline->target.cells.size(),
                     baseline->updates.back().changed);
}

}  // namespace

Result<CommandResult> judge_sides(const Options& options, const Side& base, const Side& head,
                                  const MatchRules& rules, const Session* session) {
  Limits limits;
  if (!options.gate.limits.empty()) {
    auto loaded = load_limits(options.gate.limits);
    if (!loaded) return loaded.error();
    limits = *std::move(loaded);
  }
  const JudgeRules judging{.limits = limits, .session = session, .mechanism_may_change = rules.chosen};
  auto report = report_of(judge(compare(match(base, head, rules)), judging));
  report.base = base.source;
  report.head = head.source;
  add_acceptance(report, base, head);
  name_functions(report, recorded_paths(base.folder), recorded_paths(head.folder));
  return reported(options, report);
}

Result<CommandResult> compare_command(const Options& options) {
  const auto sides = find_sides(options.gate);
  if (!sides) return sides.error();
  auto report = report_of(compare(match(sides->base, sides->head, rules_for(options.gate, *sides))));
  report.base = sides->base.source;
  report.head = sides->head.source;
  name_functions(report, recorded_paths(sides->base.folder), recorded_paths(sides->head.folder));
  return reported(options, report);
}

Result<CommandResult> gate_command(const Options& options) {
  if (options.gate.b.empty()) return judge_again(options);
  const auto sides = find_sides(options.gate);
  if (!sides) return sides.error();
  return judge_sides(options, sides->base, sides->head, rules_for(options.gate, *sides), nullptr);
}

Result<CommandResult> baseline_command(const Options& options) {
  const auto folder = baselines_of(options.gate);
  const auto run = find_side(options.gate.a, folder);
  if (!run) return run.error();
  if (run->is_baseline) {
    return Error{Fault::usage, run->source + ": this is a baseline already", 0, "pass a results.json"};
  }
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return Error{Fault::usage, "create " + folder.string(), failure.value(), {}};
  CommandResult result;
  for (const auto& target : run->targets) {
    const auto told = update_one(folder, target, {run->started, options.gate.reason, run->tool_version, 0});
    if (!told) return told.error();
    result.output += *told;
  }
  return result;
}

}  // namespace probebench
