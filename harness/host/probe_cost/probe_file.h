// SPDX-License-Identifier: MIT
// The files that a user's probe is made of, checked before anything boots.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "vm/initramfs.h"

namespace probebench::cost {

// A BPF object, and where the guest has it. What is none is a usage error.
Result<vm::GuestProgram> bpf_object(const std::filesystem::path& path);

// Whether it may be a module (.ko), or the source of one (.c); usage errors likewise. Which kernel it is for
// shows when there is one.
Status check_module(const std::filesystem::path& path);

}  // namespace probebench::cost
