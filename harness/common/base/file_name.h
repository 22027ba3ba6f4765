// SPDX-License-Identifier: MIT
// Names that somebody else wrote (a cache, a guest, a results file, a mirror) are data. The one way from such
// a text into a path is through here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace probebench::inline base {

// Leaves room in a directory's entry for what is put before and behind: "benchmark-", ".json", "-0123abcd".
inline constexpr std::size_t kLongestFileName = 200;

// `text` as the name of one entry of a directory, or why it is none: empty, "." or "..", longer than
// kLongestFileName bytes, with a separator or a control character. `what` names the input in the error.
Result<std::string> file_name_of(std::string_view text, std::string_view what, Fault fault = Fault::infra);

// The same for a relative path: every part of it is such a name, so that it cannot lead out of where it
// begins.
Result<std::filesystem::path> relative_path_of(std::string_view text, std::string_view what,
                                               Fault fault = Fault::infra);

}  // namespace probebench::inline base
