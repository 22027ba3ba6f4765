// SPDX-License-Identifier: MIT
#include "verify/arm64/classify.h"

#include <algorithm>

#include "model/arm64_words.h"
#include "verify/kernel_address.h"

namespace probebench::verify::arm64 {
namespace {

using probebench::arm64::branch_target;
using probebench::arm64::is_branch;
using probebench::arm64::is_branch_with_link;
using probebench::arm64::kKprobeTrap;
using probebench::arm64::kStepTrap;
using probebench::arm64::kUprobeTrap;
using probebench::arm64::kWordBytes;
using probebench::arm64::word_at;

// The slot is a copy of the probed instruction, and a trap. What the kernel simulates has none.
ProbeState classify_trap(const Evidence& evidence) {
  if (evidence.emulated) return ProbeState::emulated;
  const auto copy = word_at(evidence.slot);
  const bool steps =
      copy && copy == word_at(evidence.before) && word_at(evidence.slot, kWordBytes) == kStepTrap;
  return steps ? ProbeState::stepped : ProbeState::unknown;
}

// A static key's branch stays within its function, which is smaller than a page.
ProbeState classify_branch(std::uint32_t word, std::uint64_t site) {
  constexpr std::uint64_t kPage = 4096;
  const auto target = branch_target(word, site);
  const auto distance = std::max(site, target) - std::min(site, target);
  return distance >= kPage ? ProbeState::ftrace_jump : ProbeState::static_key;
}

}  // namespace

ProbeState classify(const Evidence& evidence) {
  const auto word = word_at(evidence.armed);
  if (!word) return ProbeState::unknown;
  if (evidence.armed == evidence.before) {
    return evidence.breakpoint ? ProbeState::breakpoint : ProbeState::unarmed;
  }
  const bool in_user_space = evidence.site_address != 0 && !is_kernel_address(evidence.site_address);
  if (in_user_space) return *word == kUprobeTrap ? ProbeState::user_brk : ProbeState::unknown;
  if (*word == kKprobeTrap) return classify_trap(evidence);
  if (is_branch_with_link(*word)) return ProbeState::ftrace;
  return is_branch(*word) ? classify_branch(*word, evidence.site_address) : ProbeState::unknown;
}

bool is_same_patch(const Evidence& evidence, std::span<const std::uint8_t> seen) {
  const auto now = word_at(seen);
  const auto armed = word_at(evidence.armed);
  if (!now || !armed || evidence.armed.size() < seen.size()) return false;
  const bool leads = is_branch(*armed) || is_branch_with_link(*armed);
  const auto mask = leads ? ~std::uint32_t{0} << 26 : ~std::uint32_t{0};
  return (*now & mask) == (*armed & mask) &&
         std::equal(seen.begin() + kWordBytes, seen.end(), evidence.armed.begin() + kWordBytes);
}

}  // namespace probebench::verify::arm64
