// SPDX-License-Identifier: MIT
// Lower-case hex SHA-256. A library of its own (pb_digest), so that the agent does not carry libcrypto.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace probebench::inline base {

std::string sha256_text(std::string_view text);
// Of all that can be read from `fd`, piece by piece; `path` is for the error.
Result<std::string> sha256_fd(int fd, const std::filesystem::path& path);
Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace probebench::inline base
