// SPDX-License-Identifier: MIT
// 64-bit ELF files. One that is damaged has nothing that is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace probebench::kernels {

// Whether the file begins as an ELF file does; no more of it is read.
bool is_elf_file(const std::filesystem::path& path);

// The content of a named section.
std::optional<std::string_view> elf_section(std::string_view elf, std::string_view name);

// Whether a note segment has a note of this type by this owner.
bool has_elf_note(std::string_view elf, std::string_view owner, std::uint32_t type);

}  // namespace probebench::kernels
