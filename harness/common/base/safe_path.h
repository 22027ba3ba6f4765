// SPDX-License-Identifier: MIT
// Paths that lead nowhere else, whoever wrote them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace probebench::inline base {

// Names that somebody else wrote (a cache, a guest, a results file, a mirror) are data. The one way from such
// a text into a path is through here.

// Leaves room in a directory's entry for what is put before and behind: "benchmark-", ".json", "-0123abcd".
inline constexpr std::size_t kLongestFileName = 200;

// `text` as the name of one entry of a directory, or why it is none: empty, "." or "..", longer than
// kLongestFileName bytes, with a separator or a control character. `what` names the input in the error.
Result<std::string> file_name_of(std::string_view text, std::string_view what, Fault fault = Fault::infra);

// The same for a relative path: every part of it is such a name, so that it cannot lead out of where it
// begins.
Result<std::filesystem::path> relative_path_of(std::string_view text, std::string_view what,
                                               Fault fault = Fault::infra);

// Only the check, for lists of many thousands of paths: making a path costs more than looking a file up.
Status check_relative_path(std::string_view text, std::string_view what, Fault fault = Fault::infra);

// What is done below a directory and nowhere else. Every step goes from descriptor to descriptor, so neither
// a name nor a symbolic link nor somebody who renames at the same time can lead outside.

// A directory below `root`, which may itself be reached through links. No link on the way is followed: ELOOP.
Result<UniqueFd> open_below(const fs::path& root, const fs::path& relative);

// The same where kernel or container do not have openat2(); without a descriptor, errno says why.
UniqueFd open_part_by_part(int root, const fs::path& relative);

// Removes the entry and all that is below it; links are removed, not followed. What is absent is fine.
Status remove_below(const fs::path& root, const fs::path& relative);

}  // namespace probebench::inline base
