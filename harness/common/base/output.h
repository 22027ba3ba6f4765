// SPDX-License-Identifier: MIT
// Files that a user named. A link is followed and stays; what is no regular file (a device, a FIFO,
// /dev/stdout) is written into; only a regular file is replaced, in one step.
#pragma once

#include "base/file.h"

namespace probebench::inline base {

Status write_output(const fs::path& path, std::string_view content);

// Whether write_output() may be expected to work, before there is anything to write. The error's errno says
// why not.
Status check_output(const fs::path& path);

}  // namespace probebench::inline base
