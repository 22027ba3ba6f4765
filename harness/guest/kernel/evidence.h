// SPDX-License-Identifier: MIT
// What kernel and module say of a probe site.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "model/cell.h"
#include "model/sample.h"
#include "pb_abi.h"

namespace probebench::kernel {

// What the kernel itself says of a probe site: kprobes/list and enabled_functions.

// Runs of blanks and tabs become one blank: the kernel pads its columns.
std::string squeezed(std::string_view text);

// The line that names `symbol`, without its leading address; empty when there is none.
std::string line_naming(std::string_view listing, std::string_view symbol);

// The kernel's own line on the cell's site while a probe is attached; empty for mechanisms it does not list.
std::string kernel_flags(const Cell& cell, const std::filesystem::path& root = "/");

// What the helper module saw, in the model's words; `armed` is the text as it was, whatever it is.
Evidence evidence_of(const pb_evidence& raw);

}  // namespace probebench::kernel
