// SPDX-License-Identifier: MIT
// What the kernel itself lists as armed: a look at everything, and what is new since an earlier one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/cost.h"

namespace probebench::cost {

// Lines of the listings, in the order of the listings.
std::vector<ListedProbe> read_listings(const std::filesystem::path& root = "/");

// Those of `now` that `before` has not, as often as they are there more often.
std::vector<ListedProbe> new_in(const std::vector<ListedProbe>& now, const std::vector<ListedProbe>& before);

// "vfs_read (1) R  tramp: ..." -> "vfs_read"; empty where the line names no function.
std::string function_of(const ListedProbe& probe);
// "ffffffff81234560  k  vfs_read+0x0    [FTRACE]" -> its address; 0 where the line has none.
std::uint64_t address_of(const ListedProbe& probe);

// "vfs_read+0x0" of such a line.
std::string place_of(const ListedProbe& probe);

inline constexpr std::string_view kFunctionListing = "enabled_functions";
inline constexpr std::string_view kKprobeListing = "kprobes/list";

}  // namespace probebench::cost
