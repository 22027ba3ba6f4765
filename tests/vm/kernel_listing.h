// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <string>

#include "base/file.h"

namespace probebench {

// /proc/kallsyms, read once: the kernel makes each of its 10 MB anew for every reader.
inline std::istringstream kernel_listing() {
  static const auto kText = read_file("/proc/kallsyms");
  return std::istringstream(kText ? *kText : std::string());
}

}  // namespace probebench
