// SPDX-License-Identifier: MIT
// What is done below a directory and nowhere else. Every step goes from descriptor to descriptor, so neither
// a name nor a symbolic link nor somebody who renames at the same time can lead outside.
#pragma once

#include "base/file.h"

namespace probebench::inline base {

// A directory below `root`, which may itself be reached through links. No link on the way is followed: ELOOP.
Result<UniqueFd> open_below(const fs::path& root, const fs::path& relative);

// The same where kernel or container do not have openat2(); without a descriptor, errno says why.
UniqueFd open_part_by_part(int root, const fs::path& relative);

// Removes the entry and all that is below it; links are removed, not followed. What is absent is fine.
Status remove_below(const fs::path& root, const fs::path& relative);

}  // namespace probebench::inline base
