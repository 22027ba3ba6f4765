// SPDX-License-Identifier: MIT
#include "verify/x86/classify.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "verify/kernel_address.h"

namespace probebench::verify::x86 {
namespace {

constexpr std::uint8_t kInt3 = 0xcc;
constexpr std::uint8_t kJump32 = 0xe9;
constexpr std::uint8_t kJump8 = 0xeb;
constexpr std::uint8_t kCall32 = 0xe8;

constexpr std::size_t kCallLength = 5;

// What Linux 7.2 makes of a nop of ten bytes: lea -0x80(%rsp),%rsp, which steps over the red zone, and a
// call.
constexpr std::array<std::uint8_t, 5> kSkipRedZone{0x48, 0x8d, 0x64, 0x24, 0x80};
// nopw %cs:disp32(%rax,%rax,1), without the displacement.
constexpr std::array<std::uint8_t, 5> kNop10{0x66, 0x2e, 0x0f, 0x1f, 0x84};
constexpr std::size_t kNop10Bytes = 10;

template <std::size_t N>
bool begins_with(const Bytes& bytes, const std::array<std::uint8_t, N>& head) {
  return bytes.size() >= N && std::equal(head.begin(), head.end(), bytes.begin());
}

bool is_lea_and_call(const Bytes& bytes) {
  return bytes.size() >= kNop10Bytes && begins_with(bytes, kSkipRedZone) &&
         bytes[kSkipRedZone.size()] == kCall32;
}

bool equal_between(const Bytes& one, const Bytes& other, std::size_t begin, std::size_t end) {
  if (one.size() < end || other.size() < end) return false;
  const auto at = [](const Bytes& bytes, std::size_t offset) {
    return bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  return std::equal(at(one, begin), at(one, end), at(other, begin));
}

// Target of the five-byte jump or call that begins at bytes[offset], which lies at `address`.
std::uint64_t rel32_target(const Bytes& bytes, size_t offset, std::uint64_t address) {
  if (bytes.size() < offset + 5) return 0;
  std::int32_t displacement = 0;
  std::memcpy(&displacement, bytes.data() + offset + 1, sizeof displacement);
  return address + 5 + static_cast<std::uint64_t>(static_cast<std::int64_t>(displacement));
}

// The slot begins with a copy of the probed instruction; what follows it says how the probe goes on. The
// module's own probe sites have no RIP-relative operands, so the copy is literal.
size_t copied_length(const Evidence& evidence) {
  const auto common = std::mismatch(evidence.slot.begin(), evidence.slot.end(), evidence.before.begin(),
                                    evidence.before.end());
  return static_cast<size_t>(common.first - evidence.slot.begin());
}

bool slot_jumps_back(const Evidence& evidence) {
  const size_t length = copied_length(evidence);
  if (length == 0 || length >= evidence.slot.size() || evidence.slot[length] != kJump32) return false;
  return rel32_target(evidence.slot, length, evidence.slot_address + length) ==
         evidence.site_address + length;
}

// Kernels before 5.13 step with the trap flag: their slots end in nothing, and are never marked boostable.
bool slot_is_stepped(const Evidence& evidence) {
  const size_t length = copied_length(evidence);
  if (length == 0 || evidence.boostable) return false;
  return length >= evidence.slot.size() || evidence.slot[length] != kJump32;
}

ProbeState classify_int3(const Evidence& evidence) {
  if (evidence.prepared && evidence.optimized_flag) return ProbeState::detour;
  if (evidence.emulated) return ProbeState::emulated;
  if (slot_jumps_back(evidence)) return ProbeState::boosted;
  if (slot_is_stepped(evidence)) return ProbeState::stepped;
  return ProbeState::unknown;
}

// A static key's jump stays within its function, which is smaller than a page; a trampoline has pages of its
// own.
bool leaves_function(std::uint64_t site, std::uint64_t target) {
  constexpr std::uint64_t kPage = 4096;
  return std::max(site, target) - std::min(site, target) >= kPage;
}

ProbeState classify_jump(const Evidence& evidence) {
  const auto target = rel32_target(evidence.armed, 0, evidence.site_address);
  if (evidence.detour.empty()) {
    return leaves_function(evidence.site_address, target) ? ProbeState::ftrace_jump : ProbeState::static_key;
  }
  const bool into_detour = target == evidence.detour_address;
  return into_detour ? ProbeState::optimized : ProbeState::unknown;
}

// A site of unknown address is one of the module's.
bool in_user_space(const Evidence& evidence) {
  return evidence.site_address != 0 && !is_kernel_address(evidence.site_address);
}

// What an int3 in a process does next (emulate, step out of line) leaves no trace in its text.
ProbeState classify_user(const Evidence& evidence) {
  if (evidence.armed.front() == kInt3) return ProbeState::user_int3;
  const bool calls = evidence.armed.front() == kCall32 ||
                     (begins_with(evidence.before, kNop10) && is_lea_and_call(evidence.armed));
  return calls ? ProbeState::user_call : ProbeState::unknown;
}

}  // namespace

bool is_restored(const Bytes& before, const Bytes& after) {
  if (after == before) return true;
  return before.size() == after.size() && begins_with(before, kNop10) && begins_with(after, kNop10) &&
         after.size() >= kNop10Bytes && after[kNop10.size()] == kCall32 &&
         equal_between(before, after, kNop10Bytes, before.size());
}

bool is_restored(const Evidence& evidence) {
  if (evidence.after == evidence.before) return true;
  return is_restored(evidence.before, evidence.after) && is_lea_and_call(evidence.armed) &&
         equal_between(evidence.armed, evidence.after, kNop10Bytes - kCallLength, kNop10Bytes);
}

ProbeState classify(const Evidence& evidence) {
  if (evidence.armed.empty()) return ProbeState::unknown;
  if (evidence.armed == evidence.before) {
    return evidence.breakpoint ? ProbeState::breakpoint : ProbeState::unarmed;
  }
  if (in_user_space(evidence)) return classify_user(evidence);
  switch (evidence.armed.front()) {
    case kInt3:
      return classify_int3(evidence);
    case kJump32:
      return classify_jump(evidence);
    case kJump8:
      return ProbeState::static_key;
    case kCall32:
      return ProbeState::ftrace;
    default:
      return ProbeState::unknown;
  }
}

bool is_same_patch(const Evidence& evidence, std::span<const std::uint8_t> seen) {
  const auto length = std::min(bytes_before_trampoline(evidence.state).value_or(seen.size()), seen.size());
  return evidence.armed.size() >= length &&
         std::equal(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(length), evidence.armed.begin());
}

}  // namespace probebench::verify::x86
