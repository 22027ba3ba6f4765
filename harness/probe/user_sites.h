// SPDX-License-Identifier: MIT
// The agent's own probe sites: functions whose first instruction is chosen, each with an unprobed twin.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "model/sample.h"
#include "model/site.h"

namespace probebench {

using UserFunction = void (*)();

struct UserSite {
  UserFunction site;
  UserFunction twin;
};

// Where the kernel finds a site: it attaches to a file, not to a process.
struct UserSiteLocation {
  std::filesystem::path binary;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t address = 0;
};

// Length of a site's text that evidence holds; every site is at least this long.
inline constexpr std::size_t kUserSiteBytes = 16;

// The site's functions; both null for a site that is not in user space.
UserSite user_site(SiteId site);

// Looks the site up in /proc/self/maps.
Result<UserSiteLocation> locate(SiteId site);

// The site's text as the process has it now, read through /proc/self/mem.
Result<Bytes> read_own_text(std::uint64_t address, std::size_t length);

}  // namespace probebench
