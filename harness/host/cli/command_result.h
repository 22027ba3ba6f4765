// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.h"
#include "model/exit_code.h"

namespace probebench {

// What a subcommand wants main to print and to exit with.
struct CommandResult {
  ExitCode exit_code = ExitCode::fine;
  std::string output;            // standard output
  std::string problem;           // standard error, after the output; empty: none
  std::string annotations = {};  // standard error, as they are: lines that a CI system reads
};

constexpr ExitCode exit_code_of(Fault fault) {
  switch (fault) {
    case Fault::usage:
      return ExitCode::usage;
    case Fault::interrupted:
      return ExitCode::interrupted;
    case Fault::cell:
      return ExitCode::cell_failed;
    case Fault::unsupported:
    case Fault::infra:
      return ExitCode::unavailable;
  }
  return ExitCode::cell_failed;
}

}  // namespace probebench
