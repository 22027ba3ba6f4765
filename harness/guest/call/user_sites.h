// SPDX-License-Identifier: MIT
// The agent's own probe sites: functions whose first instruction is chosen, each with an unprobed twin.
#pragma once

#include <cstdint>
#include <string>

#include "attach/attachment.h"
#include "base/result.h"
#include "model/sample.h"
#include "model/site.h"

namespace probebench::call {

using UserFunction = void (*)();

struct UserSite {
  UserFunction site;
  UserFunction twin;
};

// The site's functions; both null for a site that is not in user space.
UserSite user_site(SiteId site);

// Executed instructions of one call of the site or its twin, the return among them; 0: not in user space.
std::uint32_t insns_of_user_site(SiteId site);

// This program's file, as it was found when this was asked first: before the process gets mounts of its own.
// From then on the file lies in the mounts that were left, and the kernel tells its path from their root,
// not from that of a chroot.
const std::string& own_program();

// Looks the site up in /proc/self/maps.
Result<attach::SiteLocation> locate(SiteId site);

// The site's text as the process has it now, read through /proc/self/mem.
Result<Bytes> read_own_text(std::uint64_t address, std::size_t length);

}  // namespace probebench::call
