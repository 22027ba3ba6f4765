// SPDX-License-Identifier: MIT
#include "valid_cell.h"

#include <algorithm>
#include <iterator>

namespace probebench {
namespace {

constexpr std::uint64_t kSite = 0xffffffffc0201010;
constexpr std::uint64_t kDetour = 0xffffffffc0220000;
constexpr std::uint64_t kTwinPerCall = 10;
constexpr std::uint64_t kHit = 105;
constexpr std::uint64_t kFixed = 7;

// mov $0x62707262,%ecx; add $1,%rax; ...
const Bytes kBefore{0xb9, 0x62, 0x72, 0x70, 0x62, 0x48, 0x83, 0xc0, 0x01, 0xc3, 0, 0, 0, 0, 0, 0};

Bytes jump(std::uint64_t from, std::uint64_t to) {
  Bytes bytes{0xe9};
  const auto displacement = static_cast<std::uint32_t>(to - (from + 5));
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(displacement >> (8 * i)));
  return bytes;
}

Bytes armed_bytes() {
  Bytes bytes = kBefore;
  std::ranges::copy(jump(kSite, kDetour), bytes.begin());
  return bytes;
}

// push %rsp; pushf; what the jump at the site overwrites; and back to what follows it
Bytes detour_bytes() {
  Bytes bytes{0x54, 0x9c};
  bytes.insert(bytes.end(), kBefore.begin(), kBefore.begin() + 5);
  std::ranges::copy(jump(kDetour + bytes.size(), kSite + 5), std::back_inserter(bytes));
  return bytes;
}

Window window(std::uint32_t calls, std::uint64_t per_call, std::uint64_t hits, const Bytes& text) {
  Window made;
  made.calls = calls;
  made.ticks = calls * per_call + kFixed;
  made.hits = hits;
  std::copy_n(text.begin(), made.site_before.size(), made.site_before.begin());
  made.site_after = made.site_before;
  return made;
}

WindowPair pair(std::uint64_t per_call, bool counted, const Bytes& text) {
  return {window(100, per_call, counted ? 100 : 0, text), window(200, per_call, counted ? 200 : 0, text)};
}

}  // namespace

CellResult valid_cell() {
  CellResult result;
  result.cell = cells_of(ProbeType::kprobe_optimized, Handler::count).front();
  result.status = CellStatus::measured;
  auto& evidence = result.evidence;
  evidence.before = kBefore;
  evidence.armed = armed_bytes();
  evidence.after = kBefore;
  evidence.slot = {0xb9, 0x62, 0x72, 0x70, 0x62, 0xcc};
  evidence.detour = detour_bytes();
  evidence.site_address = kSite;
  evidence.slot_address = 0xffffffffc0300000;
  evidence.detour_address = kDetour;
  evidence.optimized_flag = true;
  evidence.prepared = true;
  evidence.state = ProbeState::optimized;
  const Round round{.baseline_first = true,
                    .baseline = pair(kTwinPerCall, false, evidence.armed),
                    .armed = pair(kTwinPerCall + kHit, true, evidence.armed),
                    .verify = {}};
  result.rounds = std::vector(3, round);
  result.rest_before = pair(kTwinPerCall, false, kBefore);
  result.rest_after = pair(kTwinPerCall, false, kBefore);
  return result;
}

}  // namespace probebench
