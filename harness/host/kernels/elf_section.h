// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

namespace probebench {

// The content of a named section of a 64-bit ELF file; nothing when there is none, or the file is damaged.
std::optional<std::string_view> elf_section(std::string_view elf, std::string_view name);

}  // namespace probebench
