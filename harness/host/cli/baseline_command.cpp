// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cli/comparison.h"
#include "cli/measuring.h"
#include "gate/baseline.h"
#include "gate/results_side.h"

namespace probebench::cli {
namespace {

constexpr const char* kExamples =
    "\nExamples:\n"
    "  ./run-bench baseline update results/latest --reason 'kernel 6.12.120'\n"
    "  ./run-bench baseline update results/gate/run --baselines mine --reason 'our kernel'\n";
constexpr const char* kRun = "\nRUN: a results.json or a run's directory, of exact counts.\n";

struct BaselineOptions {
  std::string run;     // the one to accept
  std::string reason;  // why
  fs::path baselines;  // empty: the project's
};

Result<std::optional<gate::Baseline>> earlier_baseline(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::optional<gate::Baseline>();
  const auto text = TRY(read_file(path));
  auto baseline = TRY(gate::read_baseline(text, path.string()));
  return std::optional<gate::Baseline>(std::move(baseline));
}

// Before anything is written: where each target's baseline goes.
Result<std::vector<fs::path>> baseline_paths(const fs::path& folder, const gate::Side& run) {
  std::vector<fs::path> paths;
  for (const auto& target : run.targets) {
    const auto name = gate::baseline_file_name(target);
    if (!name) return Error{Fault::usage, run.source + ": " + name.error().what, 0, {}};
    paths.push_back(folder / *name);
  }
  return paths;
}

std::string kept_text(std::size_t kept) {
  if (kept == 0) return {};
  return fmt::format(", {} kept that the run does not have: to drop one, delete its line", kept);
}

Result<std::string> update_one(const fs::path& path, const gate::SideTarget& target,
                               gate::BaselineUpdate update) {
  const auto earlier = TRY(earlier_baseline(path));
  const auto baseline = TRY(gate::updated_baseline(target, earlier ? &*earlier : nullptr, std::move(update)));
  TRY(write_output(path, gate::write_baseline(baseline)));
  return fmt::format("{}\n  {} cells, {} changed{}\n", path.string(), baseline.target.cells.size(),
                     baseline.updates.back().changed,
                     kept_text(baseline.target.cells.size() - target.cells.size()));
}

void add_options(CLI::App& app, BaselineOptions& options) {
  app.add_option("RUN", options.run, "the run")->required()->type_name("");
  app.add_option("--reason", options.reason, "why the counts are as they are now; kept")
      ->required()
      ->type_name("TEXT");
  add_baselines_option(app, options.baselines);
  app.footer(std::string(kRun) + kExamples);
}

Status take_options(const Arguments& passed, const BaselineOptions& options) {
  TRY(refuse_flags(passed));
  if (options.reason.find_first_not_of(" \t") != std::string::npos) return Done{};
  return Error{Fault::usage, "--reason '': expected a sentence", 0, "say why the counts are accepted"};
}

Result<CommandResult> perform(const BaselineOptions& options, const Arguments&) {
  const auto folder = baselines_folder(options.baselines);
  const auto run = TRY(gate::find_side(options.run, folder));
  if (run.is_baseline) {
    return Error{Fault::usage, run.source + ": this is a baseline already", 0, "pass a results.json"};
  }
  const auto paths = TRY(baseline_paths(folder, run));
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return Error{Fault::usage, "create " + folder.string(), failure.value(), {}};
  CommandResult result;
  for (const auto& path : paths) {
    TRY(check_copy("--baselines", path));
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto told =
        update_one(paths[i], run.targets[i], {run.started, options.reason, run.tool_version, 0});
    if (!told) return told.error();
    result.output += *told;
  }
  return result;
}

}  // namespace

Subcommand add_baseline_update(CLI::App& app) {
  auto* baseline = app.add_subcommand("baseline", "baseline update: accept a run's counts");
  baseline->require_subcommand(1);
  baseline->footer(kExamples);
  return subcommand<BaselineOptions>(baseline->add_subcommand("update", "accept a run's counts"));
}

}  // namespace probebench::cli
