// SPDX-License-Identifier: MIT
// 64-bit ELF files. One that is damaged has nothing that is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probebench::kernels {

// Whether the file begins as an ELF file does; no more of it is read.
bool is_elf_file(const std::filesystem::path& path);

// The content of a named section.
std::optional<std::string_view> elf_section(std::string_view elf, std::string_view name);

// What a dynamically linked program names: its interpreter, empty where it has none, and its libraries.
std::string interpreter_of(std::string_view elf);
std::vector<std::string> needed_libraries(std::string_view elf);

// Whether a note segment has a note of this type by this owner.
bool has_elf_note(std::string_view elf, std::string_view owner, std::uint32_t type);

}  // namespace probebench::kernels
