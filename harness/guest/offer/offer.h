// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/capability.h"

namespace probebench {

// What a target was found to offer. A capability that was tried and refused has the refusal, with its errno.
struct Offer {
  Offer() = default;
  Offer(std::vector<Capability> offered) : capabilities(std::move(offered)) {}

  bool has(Capability capability) const {
    return std::ranges::find(capabilities, capability) != capabilities.end();
  }
  // Why the target lacks the capability: what it said, or else what the table says.
  Error why_not(Capability capability) const {
    const auto refusal = refusals.find(capability);
    if (refusal != refusals.end()) return refusal->second;
    return {Fault::unsupported, std::string(info_of(capability).missing), 0, {}};
  }

  std::vector<Capability> capabilities;
  std::map<Capability, Error> refusals;  // their fault is Fault::unsupported
};

}  // namespace probebench
