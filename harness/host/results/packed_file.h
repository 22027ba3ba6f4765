// SPDX-License-Identifier: MIT
// Files that may be kept compressed, as the reference run is.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace probebench::results {

// What is in the file; of one that gzip made, what it was made from.
Result<std::string> read_packed_file(const std::filesystem::path& path);

// Compresses as gzip does: the same bytes for the same text.
Status write_packed_file(const std::filesystem::path& path, const std::string& text);

}  // namespace probebench::results
