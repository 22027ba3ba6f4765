// SPDX-License-Identifier: MIT
// From a command line to the command that it names, with its options checked; nothing is looked up on the
// machine here.
#pragma once

#include <string>
#include <variant>

#include "base/result.h"
#include "cli/command.h"

namespace probebench::cli {

// What --help and --version print.
struct HelpText {
  std::string text;
};

using ParsedLine = std::variant<Subcommand, HelpText>;

// `arguments` without the program's name. Errors are usage errors.
Result<ParsedLine> parse_command_line(Arguments arguments);

}  // namespace probebench::cli
