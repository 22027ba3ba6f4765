// SPDX-License-Identifier: MIT
// Words as read from Debian's arm64 kernels 6.1, 6.12 and 7.3, and what must not pass for them.
#include "verify/arm64/classify.h"

#include <gtest/gtest.h>

#include "model/arm64_words.h"
#include "verify/classify.h"

namespace probebench::verify::arm64 {
namespace {

using probebench::arm64::branch_target;
using probebench::arm64::kKprobeTrap;
using probebench::arm64::kNop;
using probebench::arm64::kStepTrap;
using probebench::arm64::kUprobeTrap;
using probebench::arm64::word_at;

constexpr std::uint64_t kArmSite = 0xffff80007a801010;
constexpr std::uint32_t kMovz = 0x528c4e09;  // movz w9, #0x6270
constexpr std::uint32_t kAdd = 0x91000400;   // add x0, x0, #1

Bytes words(std::initializer_list<std::uint32_t> all) {
  Bytes bytes;
  for (const auto word : all) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  return bytes;
}

Evidence armed(std::uint32_t before, std::uint32_t now) {
  Evidence evidence;
  evidence.arch = ArchId::arm64;
  evidence.before = words({before, kAdd});
  evidence.armed = words({now, kAdd});
  evidence.after = evidence.before;
  evidence.site_address = kArmSite;
  return evidence;
}

Evidence trapped(const Bytes& slot) {
  auto evidence = armed(kMovz, kKprobeTrap);
  evidence.slot = slot;
  return evidence;
}

TEST(Arm64Classify, TheTrapsAreTheKernels) {
  EXPECT_EQ(kKprobeTrap, 0xd4200080u);
  EXPECT_EQ(kUprobeTrap, 0xd42000a0u);
  EXPECT_EQ(kStepTrap, 0xd42000c0u);
}

TEST(Arm64Classify, SteppedIsATrapAndASlotThatEndsInTheSecond) {
  EXPECT_EQ(verify::classify(trapped(words({kMovz, kStepTrap}))), ProbeState::stepped);
  EXPECT_EQ(classify(trapped(words({kMovz, kNop}))), ProbeState::unknown);
  EXPECT_EQ(classify(trapped(words({kAdd, kStepTrap}))), ProbeState::unknown);
  EXPECT_EQ(classify(trapped({})), ProbeState::unknown);
}

TEST(Arm64Classify, SimulatedIsWhatTheKernelSays) {
  auto evidence = armed(0x14000001, kKprobeTrap);
  evidence.emulated = true;
  EXPECT_EQ(classify(evidence), ProbeState::emulated);
}

TEST(Arm64Classify, CallsAndKeys) {
  EXPECT_EQ(classify(armed(kNop, 0x940025ad)), ProbeState::ftrace);
  EXPECT_EQ(classify(armed(kNop, 0x97f63351)), ProbeState::ftrace);  // backwards
  EXPECT_EQ(classify(armed(kNop, 0x14000006)), ProbeState::static_key);
  EXPECT_EQ(classify(armed(kNop, 0x14002000)), ProbeState::ftrace_jump);  // 32 KB on
  EXPECT_EQ(classify(armed(kNop, 0xd65f03c0)), ProbeState::unknown);      // ret
}

TEST(Arm64Classify, UnarmedAndBreakpoint) {
  auto evidence = armed(kMovz, kMovz);
  EXPECT_EQ(classify(evidence), ProbeState::unarmed);
  evidence.breakpoint = true;
  EXPECT_EQ(classify(evidence), ProbeState::breakpoint);
}

TEST(Arm64Classify, AProcessHasATrapOfItsOwn) {
  auto evidence = armed(kNop, kUprobeTrap);
  evidence.site_address = 0xaaaab0001000;
  EXPECT_EQ(classify(evidence), ProbeState::user_brk);
  evidence.armed = words({kKprobeTrap, kAdd});
  EXPECT_EQ(classify(evidence), ProbeState::unknown);
}

TEST(Arm64Classify, APatchIsTheSameWhereverItLeads) {
  const auto call = armed(kNop, 0x940025ad);
  EXPECT_TRUE(is_same_patch(call, words({0x97f63351, kAdd})));
  EXPECT_FALSE(is_same_patch(call, words({0x140025ad, kAdd})));  // a jump
  EXPECT_FALSE(is_same_patch(call, words({0x940025ad, kNop})));  // and another word
  EXPECT_FALSE(is_same_patch(armed(kMovz, kKprobeTrap), words({kUprobeTrap, kAdd})));
}

TEST(Arm64Classify, BranchTargets) {
  EXPECT_EQ(branch_target(0x94000001, 0x1000), 0x1004u);
  EXPECT_EQ(branch_target(0x97ffffff, 0x1000), 0x0ffcu);
  EXPECT_EQ(word_at(Bytes{1, 2, 3}), std::nullopt);
}

}  // namespace
}  // namespace probebench::verify::arm64
