// SPDX-License-Identifier: MIT
// The guest's root file system: a newc cpio archive, not compressed because unpacking costs emulated time.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "vm/guest_program.h"

namespace probebench::vm {

struct InitramfsContents {
  fs::path agent;                           // becomes /init, with the libraries it loads
  fs::path module;                          // becomes /probebench.ko
  std::string plan_json;                    // becomes /plan.json
  std::vector<GuestProgram> programs = {};  // beside the agent
};

// The bytes of the archive: the same contents give the same bytes.
Result<std::string> make_initramfs(const InitramfsContents& contents);

}  // namespace probebench::vm
