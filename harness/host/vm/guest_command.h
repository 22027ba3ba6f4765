// SPDX-License-Identifier: MIT
// Commands of the user's that are started in the guest, which has no file but those that it is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vm/initramfs.h"

namespace probebench::vm {

// The file that a shell would run for this name; nothing when there is none.
std::optional<fs::path> program_on_path(const std::string& name);
// The same of a command that the user gave: none is a usage error, which says whether the file is there.
Result<fs::path> users_program(const std::string& name);

// A command as the guest starts it, and what it is given for that.
struct GuestCommand {
  std::vector<std::string> argv;       // the first is an absolute path in the guest
  std::vector<GuestProgram> programs;  // the first is what the kernel runs: a script's interpreter
  std::vector<GuestProgram> files = {};

  // The user's own program or script, on this machine.
  const fs::path& own() const { return own_script.empty() ? programs.front().source : own_script; }
  fs::path own_script = {};
};

// A program on PATH, or a script, whose interpreter goes with it (that which `#!/usr/bin/env NAME` names,
// too). Files among the arguments are carried to where they are here: programs with their libraries. Not
// found, neither program nor script: a usage error.
Result<GuestCommand> users_command(const std::vector<std::string>& argv);

// The same of a program that is not this machine's.
Result<GuestCommand> command_of(GuestProgram program, const std::vector<std::string>& argv);

// What --carry names: a program on PATH, a file, or a directory with all that is below it.
Status carry(const std::string& name, GuestCommand& command);

// What the workload `compile` starts; nothing on a machine without it, and the guest says what it lacks.
std::optional<GuestProgram> assembler();

}  // namespace probebench::vm
