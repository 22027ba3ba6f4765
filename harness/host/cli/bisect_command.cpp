// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

#include "base/process.h"
#include "cli/command.h"
#include "cli/measuring.h"
#include "cli/tree_options.h"
#include "gate/side_program.h"
#include "gate/side_run.h"
#include "text/tree_text.h"
#include "tree/bisection.h"

namespace probebench::cli {
namespace {

struct BisectOptions : TreeOptions {
  std::string good;
  std::string bad;
  bool step = false;  // one step of the user's own `git bisect run`
  Arguments command;  // what judges it: words for this program
};

constexpr std::chrono::hours kStepDeadline{4};
constexpr const char* kBisectFooter =
    "--step is for a `git bisect run` of your own: it builds, runs the command of run-bench\n"
    "that follows --, and turns its exit code into git's: 3 is bad, what cannot be built or\n"
    "judged is skipped.\n"
    "Examples:\n"
    "  ./run-bench bisect --good v6.12 --bad HEAD --tree ~/linux --probe-type kmod\n"
    "  git bisect run ~/probebench/run-bench bisect --step --build 'make O=o -j8' -- \\\n"
    "      gate --base kernel=../good/o/ --head kernel=o/ --probe-type kmod\n";

void add_options(CLI::App& app, BisectOptions& options) {
  app.add_option("--good", options.good, "a commit before the change")->type_name("REV");
  app.add_option("--bad", options.bad, "one after it")->type_name("REV");
  app.add_flag("--step", options.step, "one step of a `git bisect run` of your own");
  add_tree_options(app, options);
  app.footer(kBisectFooter);
}

Status take_step(BisectOptions& options, Arguments passed) {
  if (!options.good.empty() || !options.bad.empty() || !options.tree.empty()) {
    return Error{Fault::usage, "--step: the bisection is git's, no --good, --bad or --tree", 0,
                 "leave them out"};
  }
  if (passed.empty()) {
    return Error{Fault::usage, "--step: nothing judges the commit", 0, "-- gate --base .. --head .."};
  }
  options.command = std::move(passed);
  return Done{};
}

Status take_options(Arguments passed, BisectOptions& options) {
  if (options.step) return take_step(options, std::move(passed));
  TRY(refuse_flags(passed));
  for (const auto& [name, revision] : {std::pair{"--good", options.good}, std::pair{"--bad", options.bad}}) {
    if (revision.empty()) {
      return Error{Fault::usage, fmt::format("bisect: {} is missing", name), 0, "a commit of --tree"};
    }
  }
  return check_tree(options);
}

Status build_here(const std::string& command) {
  if (command.empty()) return Done{};
  const auto done =
      TRY(run_command({.argv = {"/bin/sh", "-c", command}}, std::chrono::seconds(kStepDeadline)));
  if (done.exit_code == 0) return Done{};
  return Error{Fault::infra,
               fmt::format("--build ends with {}: {}", done.exit_code, gate::complaint_in(done.output)),
               0,
               {}};
}

// Its exit code is that of the command; main makes git's of it.
Result<CommandResult> perform_step(const BisectOptions& options) {
  TRY(build_here(options.build));
  const auto self = TRY(gate::find_side_program("step", {.build = options.program_build}));
  Command command{.argv = {self.program.string()}};
  command.argv.insert(command.argv.end(), options.command.begin(), options.command.end());
  auto done = TRY(run_command(command, std::chrono::seconds(kStepDeadline)));
  return CommandResult{.exit_code = static_cast<ExitCode>(done.exit_code), .output = std::move(done.output)};
}

Result<CommandResult> perform(const BisectOptions& options, const Arguments&) {
  if (options.step) return perform_step(options);
  return with_tree(options, [&](const auto& request, auto& progress) -> Result<CommandResult> {
    const auto found = TRY(tree::bisect(request, options.good, options.bad, progress));
    return CommandResult{.exit_code = found.culprit ? ExitCode::fine : ExitCode::unfit,
                         .output = text::bisect_text(found)};
  });
}

}  // namespace

bool is_bisect_step(const Arguments& line) {
  const auto end = std::ranges::find(line, "--");
  return line.size() > 1 && line[1] == "bisect" && std::find(line.begin(), end, "--step") != end;
}

Subcommand add_bisect(CLI::App& app) {
  return subcommand<BisectOptions>(app.add_subcommand("bisect", "which commit of a tree changed a cost"));
}

}  // namespace probebench::cli
