// SPDX-License-Identifier: MIT
// What every subcommand is to the program, and all of them: each is in a file of its own, <name>_command.cpp,
// with its options, which nobody else knows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/exit_code.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace probebench::cli {

using Arguments = std::vector<std::string>;

// What a subcommand wants main to print and to exit with.
struct CommandResult {
  ExitCode exit_code = ExitCode::fine;
  std::string output = {};       // standard output
  std::string problem = {};      // standard error, after the output; empty: none
  std::string annotations = {};  // standard error, as they are: lines that a CI system reads

  // The output is shown all the same.
  void add_problem(const Error& error) {
    problem += error.message() + "\n";
    if (exit_code == ExitCode::fine) exit_code = ExitCode::cell_failed;
  }
};

struct Subcommand {
  CLI::App* app = nullptr;
  // Its options are parsed; `passed` is what followed "--". Nothing is looked up on the machine here. Errors
  // are usage errors.
  std::function<Status(Arguments passed)> take;
  // `line` is the command line, for the record.
  std::function<Result<CommandResult>(const Arguments& line)> perform;
};

// Google Benchmark's flags, for commands that measure nothing.
Status refuse_flags(const Arguments& passed);

// Of what stands beside the struct: add_options(), to which CLI11 keeps references, take_options() and
// perform().
template <class Options>
Subcommand subcommand(CLI::App* app) {
  const auto options = std::make_shared<Options>();
  add_options(*app, *options);
  return {app, [options](Arguments passed) { return take_options(std::move(passed), *options); },
          [options](const Arguments& line) { return perform(*options, line); }};
}

// Measures the plan's cells, shows the table and writes the run's files; `app` is the program's own.
Subcommand add_run(CLI::App& app);
// What can be asked for, straight from the tables; says nothing of this machine.
Subcommand add_list(CLI::App& app);
// What this machine has, then what a booted kernel offers. Nothing is measured.
Subcommand add_info(CLI::App& app);
// The configuration fragment of a kernel that has everything.
Subcommand add_kernel_config(CLI::App& app);
// Paths instead of a table.
Subcommand add_anatomy(CLI::App& app);
// Cells and experiments; what is fitted and predicted from them, on one page.
Subcommand add_reproduce(CLI::App& app);
// Counts, measures what a hit costs on the same target, and multiplies.
Subcommand add_predict(CLI::App& app);
// Times of this machine, counts beside them, in one file that names nobody.
Subcommand add_contribute(CLI::App& app);
// A probe that the user brings, armed and measured.
Subcommand add_cost(CLI::App& app);
// Two results that are there.
Subcommand add_compare(CLI::App& app);
// Two results that are there, or two sides that are measured first.
Subcommand add_gate(CLI::App& app);
// The commit of a kernel tree that changed a cost.
Subcommand add_bisect(CLI::App& app);
// Whether the exit code of this command line is read by `git bisect run`, whatever becomes of it.
bool is_bisect_step(const Arguments& line);
// Each commit of a kernel tree.
Subcommand add_series(CLI::App& app);
// One source in several configurations.
Subcommand add_configs(CLI::App& app);
// `baseline update`.
Subcommand add_baseline_update(CLI::App& app);
// `kernels list`, `prepare`, `export`, `import`: what is kept of kernels, and made ready.
Subcommand add_kernels_list(CLI::App& app);
Subcommand add_kernels_prepare(CLI::App& app);
Subcommand add_kernels_export(CLI::App& app);
Subcommand add_kernels_import(CLI::App& app);
// Hidden: for ci/arm64-agent.
Subcommand add_sysroot(CLI::App& app);
// The manual page and completions.
Subcommand add_manual(CLI::App& app);

// From a command line to the command that it names, with its options checked; nothing is looked up on the
// machine here.

// What --help and --version print.
struct HelpText {
  std::string text;
};

using ParsedLine = std::variant<Subcommand, HelpText>;

// `arguments` without the program's name. Errors are usage errors.
Result<ParsedLine> parse_command_line(Arguments arguments);

}  // namespace probebench::cli
