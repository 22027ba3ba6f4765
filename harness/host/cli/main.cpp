// SPDX-License-Identifier: MIT
#include <cerrno>
#include <cstdio>
#include <new>

#include "base/escape.h"
#include "base/stop.h"
#include "cli/bisect_command.h"
#include "cli/command.h"
#include "tree/step_code.h"

namespace probebench::cli {
namespace {

ExitCode fail(const Error& error) {
  std::fprintf(stderr, "probebench: %s\n", escaped_for_terminal(error.message()).c_str());
  return exit_code_of(error.fault);
}

ExitCode print(const std::string& text) {
  const bool written =
      std::fputs(escaped_for_terminal(text).c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  const bool reader_left = !written && errno == EPIPE;  // as with `| head`: it has what it wanted
  return written || reader_left ? ExitCode::fine : fail(errno_error(Fault::cell, "write to standard output"));
}

ExitCode show(const CommandResult& result) {
  const auto printed = print(result.output);
  if (!result.problem.empty()) {
    std::fprintf(stderr, "probebench: %s", escaped_for_terminal(result.problem).c_str());
  }
  std::fputs(result.annotations.c_str(), stderr);
  return result.exit_code == ExitCode::fine ? printed : result.exit_code;
}

ExitCode main_of(const Arguments& line) {
  const auto parsed = parse_command_line({line.begin() + 1, line.end()});
  if (!parsed) return fail(parsed.error());
  if (const auto* help = std::get_if<HelpText>(&*parsed)) return print(help->text);
  const auto result = std::get<Subcommand>(*parsed).perform(line);
  return result ? show(*result) : fail(result.error());
}

// Memory is the one thing that is asked for everywhere.
ExitCode run_main(const Arguments& line) {
  try {
    return main_of(line);
  } catch (const std::bad_alloc&) {
    std::fputs("probebench: out of memory: raise the limit (ulimit -v), or run fewer targets at once\n",
               stderr);
    return ExitCode::unavailable;
  }
}

}  // namespace
}  // namespace probebench::cli

int main(int argc, char** argv) {
  probebench::install_stop_handlers();
  const probebench::cli::Arguments line{argv, argv + argc};
  const auto code = probebench::cli::run_main(line);
  return probebench::cli::is_bisect_step(line) ? probebench::tree::git_code_of(code) : static_cast<int>(code);
}
