// SPDX-License-Identifier: MIT
#include <cstdio>

#include "base/stop.h"
#include "cli/gate_command.h"
#include "cli/gate_session.h"
#include "cli/info_command.h"
#include "cli/list_command.h"
#include "cli/options.h"
#include "cli/predict_command.h"
#include "cli/reproduce_command.h"
#include "cli/run_command.h"
#include "model/exit_code.h"

namespace probebench {
namespace {

ExitCode fail(const Error& error) {
  std::fprintf(stderr, "probebench: %s\n", error.message().c_str());
  return exit_code_of(error.fault);
}

ExitCode print(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? ExitCode::fine : fail(errno_error(Fault::cell, "write to standard output"));
}

Result<CommandResult> perform(const Options& options, const std::vector<std::string>& command) {
  switch (options.action) {
    case Action::list:
      return CommandResult{ExitCode::fine, options.json_list ? list_json() : list_text(), {}};
    case Action::info:
      return info_command(options);
    case Action::run:
    case Action::anatomy:
      return run_command_line(options, command);
    case Action::reproduce:
      return reproduce_command(options, command);
    case Action::predict:
      return predict_command(options, command);
    case Action::compare:
      return compare_command(options);
    case Action::gate:
      return options.gate.measures() ? gate_session_command(options) : gate_command(options);
    case Action::baseline_update:
      return baseline_command(options);
  }
  return Error{Fault::usage, "no such subcommand", 0, {}};
}

ExitCode show(const CommandResult& result) {
  const auto printed = print(result.output);
  if (!result.problem.empty()) std::fprintf(stderr, "probebench: %s", result.problem.c_str());
  std::fputs(result.annotations.c_str(), stderr);
  return result.exit_code == ExitCode::fine ? printed : result.exit_code;
}

ExitCode main_of(const std::vector<std::string>& command) {
  const auto parsed = parse_options({command.begin() + 1, command.end()});
  if (!parsed) return fail(parsed.error());
  if (const auto* help = std::get_if<HelpText>(&*parsed)) return print(help->text);
  const auto result = perform(std::get<Options>(*parsed), command);
  return result ? show(*result) : fail(result.error());
}

}  // namespace
}  // namespace probebench

int main(int argc, char** argv) {
  probebench::install_stop_handlers();
  return static_cast<int>(probebench::main_of({argv, argv + argc}));
}
