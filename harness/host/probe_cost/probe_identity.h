// SPDX-License-Identifier: MIT
// What a user's probe is called among others, and the digest of what it is made of.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "model/cost.h"

namespace probebench::cost {

// Fills in the plan's name and digest; the other members are there. `file` is the object, the module or the
// command's program on this machine; lines of tracefs need none.
Status identify(CostPlan& plan, const std::filesystem::path& file);

// Tells versions of one program apart.
Result<std::string> short_digest(const std::filesystem::path& file);

}  // namespace probebench::cost
