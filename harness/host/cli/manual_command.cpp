// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/manual.h"

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
  std::string text;
};

void add_options(CLI::App& app, ManualOptions& options) {
  options.program = app.get_parent();
  app.add_option("FORM", options.form, "man, bash, zsh or fish")->required();
  app.footer(kManualFooter);
}

Status take_options(const Arguments&, ManualOptions& options) {
  options.text = TRY(manual(*options.program, options.form));
  return Done{};
}

Result<CommandResult> perform(const ManualOptions& options, const Arguments&) {
  return CommandResult{.output = options.text};
}

}  // namespace

Subcommand add_manual(CLI::App& app) {
  return subcommand<ManualOptions>(
      app.add_subcommand("manual", "the manual page, and completions for shells"));
}

}  // namespace probebench::cli
