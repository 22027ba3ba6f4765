// SPDX-License-Identifier: MIT
// What the kernel itself says of a probe site: kprobes/list and enabled_functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "model/cell.h"

namespace probebench::kernel {

// The line that names `symbol`, without its leading address; empty when there is none.
std::string line_naming(std::string_view listing, std::string_view symbol);

// The kernel's own line on the cell's site while a probe is attached; empty for mechanisms it does not list.
std::string kernel_flags(const Cell& cell, const std::filesystem::path& root = "/");

}  // namespace probebench::kernel
