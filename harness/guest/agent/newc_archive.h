// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace probebench::agent {

// Puts the files and directories of a cpio archive (format newc: Documentation/driver-api/early-userspace/
// buffer-format.rst) below `root`, as the kernel does with an initramfs. An infra error where it is cut off.
Status unpack_newc(std::string_view archive, const std::filesystem::path& root);

}  // namespace probebench::agent
