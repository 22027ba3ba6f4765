// SPDX-License-Identifier: MIT
// Whole-file reads and writes. A write is atomic: a reader sees the old file or the new one, never half.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::inline base {

namespace fs = std::filesystem;

// The content of a file, also of /proc and /sys files, whose size stat() does not tell.
Result<std::string> read_file(const fs::path& path);

// Writes to a temporary name in the same directory, then renames over `path`, a link included. For the
// project's own files: what a user names may be a device or a link, and has base/file.h.
Status write_file_atomic(const fs::path& path, std::string_view content);

// ".partial-" and 16 digits that nobody can foresee, so that nobody can lay something in the way.
std::string temporary_name();
inline constexpr std::string_view kTemporaryPrefix = ".partial-";

// All of `content`; `path` is for the error.
Status write_all(int fd, std::string_view content, const fs::path& path);

// A file without a name, so that none is left behind, whatever ends the run.
Result<UniqueFd> memory_file(const char* name, std::string_view content);

// Writes an existing file in place, as sysctl and tracefs files need.
Status write_setting(const fs::path& path, std::string_view value);

// Files that a user named. A link is followed and stays; what is no regular file (a device, a FIFO,
// /dev/stdout) is written into; only a regular file is replaced, in one step.

Status write_output(const fs::path& path, std::string_view content);

// Whether write_output() may be expected to work, before there is anything to write. The error's errno says
// why not.
Status check_output(const fs::path& path);

}  // namespace probebench::inline base
