// SPDX-License-Identifier: MIT
// What a target offers. How each capability is found out: the table in offer.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/capability.h"

namespace probebench::offer {

struct Offer {
  bool has(Capability capability) const {
    return std::ranges::find(capabilities, capability) != capabilities.end();
  }
  // Why the target lacks the capability: what it said, or else what the table of capabilities says.
  Error why_not(Capability capability) const;
  // What would provide it here: of a refusal by policy that is another policy, and no other kernel.
  std::string needs(Capability capability) const;

  std::vector<Capability> capabilities;
  std::map<Capability, Error> refusals;      // with the errno; their fault is Fault::unsupported
  std::map<Capability, std::string> needed;  // where it is not what the table of capabilities says
  bool of_running_kernel = false;            // which no option replaces by another one
};

// Asks the running kernel for everything, most of it by trying. Nothing stays loaded or attached.
// `module_features`: PB_FEATURE_* of the helper module; absent where it is not loaded.
Offer find_offer(std::optional<std::uint32_t> module_features);

// Whether tracefs at `root` has a file, with the text in it. Who may not mount it, or not look into it, is
// not told that the kernel lacks what would be there.
Status look_in_tracefs(const std::filesystem::path& root, const std::string& file,
                       std::string_view text = {});

// What the helper module alone says.
Offer offer_of_module(std::uint32_t features);

}  // namespace probebench::offer
