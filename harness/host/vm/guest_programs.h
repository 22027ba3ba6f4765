// SPDX-License-Identifier: MIT
// Programs of this machine that the agent starts inside the guest.
#pragma once

#include <optional>
#include <string>

#include "vm/initramfs.h"

namespace probebench::vm {

// The file that a shell would run for this name; nothing when there is none.
std::optional<fs::path> program_on_path(const std::string& name);

// A program of the user's in the guest, where it is /command/<name>. Not found, no program: a usage error.
Result<GuestProgram> users_program(const std::string& name);

// What the workload `compile` starts; nothing on a machine without it, and the guest says what it lacks.
std::optional<GuestProgram> assembler();

}  // namespace probebench::vm
