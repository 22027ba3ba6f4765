// SPDX-License-Identifier: MIT
// Files that are named without a path.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace probebench::place {

// Where the dynamic linker's cache (/etc/ld.so.cache) has a 64-bit library of this name, with ("libc.so.6")
// or without ("libc") what follows ".so". A cache that is damaged has none.
std::optional<std::string> library_in_cache(std::string_view cache, std::string_view name);

// A path; or the name of a file of this directory, of a library, or of a program on PATH, the first that
// there is. The answer is absolute and has no links in it.
std::optional<std::filesystem::path> find_file(const std::string& name);

}  // namespace probebench::place
