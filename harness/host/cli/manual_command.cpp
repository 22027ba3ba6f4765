// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/manual.h"
#include "session/project_paths.h"

namespace probebench::cli {
namespace {

constexpr const char* kManualFooter =
    "\nMade from the options that the program parses. Exit: 0 fine, 2 usage\n"
    "\nExamples:\n"
    "  ./run-bench manual man > run-bench.1\n"
    "  ./run-bench manual bash > ~/.local/share/bash-completion/completions/run-bench\n";

struct ManualOptions {
  const CLI::App* program = nullptr;  // lives while the line is parsed
  std::string form;
  WriteManual write = nullptr;
  std::vector<CommandWords> commands;
};

void add_options(CLI::App& app, ManualOptions& options) {
  options.program = app.get_parent();
  app.add_option("FORM", options.form, "man, bash, zsh or fish")->required();
  app.footer(kManualFooter);
}

Status take_options(const Arguments& passed, ManualOptions& options) {
  TRY(refuse_flags(passed));
  options.write = TRY(manual_writer(options.form));
  options.commands = command_words(*options.program);
  return Done{};
}

Result<std::vector<CommandWords>> words_elsewhere() {
  const auto project = TRY(session::find_project());
  return words_of_python_commands(project.root);
}

// Without Python those commands do not start either; what the program knows by itself is written all the
// same.
Result<CommandResult> perform(const ManualOptions& options, const Arguments&) {
  const auto others = words_elsewhere();
  if (others) return CommandResult{.output = options.write(with_words_of(options.commands, *others))};
  return CommandResult{
      .output = options.write(options.commands),
      .problem = fmt::format("no options of {}: {}\n", python_command_names(), others.error().message())};
}

}  // namespace

Subcommand add_manual(CLI::App& app) {
  return subcommand<ManualOptions>(
      app.add_subcommand("manual", "the manual page, and completions for shells"));
}

}  // namespace probebench::cli
