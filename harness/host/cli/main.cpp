// SPDX-License-Identifier: MIT
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>

#include "base/escape.h"
#include "base/stop.h"
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

// Memory and threads are what is asked for everywhere. Empty: it was something else.
const char* want_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::bad_alloc&) {
    return "probebench: out of memory: raise the limit (ulimit -v), or run fewer targets at once\n";
  } catch (const std::system_error&) {
    return "probebench: start a thread: no room for it: raise the limits (ulimit -v -u), or use --jobs 1\n";
  } catch (...) {
    return "";
  }
}

ExitCode run_main(const Arguments& line) {
  try {
    return main_of(line);
  } catch (...) {
    const char* want = want_of(std::current_exception());
    if (*want == '\0') throw;
    std::fputs(want, stderr);
    return ExitCode::unavailable;
  }
}

// Of another thread, where nobody catches.
[[noreturn]] void end_at_once() {
  const auto failure = std::current_exception();
  const char* want = failure ? want_of(failure) : "";
  if (*want == '\0') std::abort();
  std::fputs(want, stderr);
  std::_Exit(static_cast<int>(ExitCode::unavailable));
}

}  // namespace
}  // namespace probebench::cli

int main(int argc, char** argv) {
  std::set_terminate(probebench::cli::end_at_once);
  probebench::install_stop_handlers();
  const probebench::cli::Arguments line{argv, argv + argc};
  const auto code = probebench::cli::run_main(line);
  return probebench::cli::is_bisect_step(line) ? probebench::tree::git_code_of(code) : static_cast<int>(code);
}
