// SPDX-License-Identifier: MIT
// Byte strings as read from Debian kernels 5.10, 6.1 and 6.12, and what must not pass for them.
#include "verify/x86/classify.h"

#include <gtest/gtest.h>

#include "verify/classify.h"

namespace probebench::verify {
namespace {

constexpr std::uint64_t kSite = 0xffffffffc0201010;
constexpr std::uint64_t kSlot = 0xffffffffc0203000;
const Bytes kMov{0xb9, 0x62, 0x72, 0x70, 0x62, 0x48, 0x83, 0xc0};  // mov $imm,%ecx; add ..

void put_rel32(Bytes& bytes, size_t offset, std::uint64_t from, std::uint64_t to) {
  const auto displacement = static_cast<std::uint32_t>(to - (from + 5));
  for (size_t i = 0; i < 4; ++i) bytes[offset + 1 + i] = static_cast<std::uint8_t>(displacement >> (8 * i));
}

Evidence int3_with_slot(Bytes slot) {
  Evidence evidence;
  evidence.before = kMov;
  evidence.armed = kMov;
  evidence.armed[0] = 0xcc;
  evidence.slot = std::move(slot);
  evidence.site_address = kSite;
  evidence.slot_address = kSlot;
  return evidence;
}

Evidence boosted() {
  Bytes slot{0xb9, 0x62, 0x72, 0x70, 0x62, 0xe9, 0, 0, 0, 0};
  put_rel32(slot, 5, kSlot + 5, kSite + 5);
  auto evidence = int3_with_slot(slot);
  evidence.boostable = true;
  return evidence;
}

Evidence jump_to(std::uint64_t target, std::uint64_t detour) {
  Evidence evidence;
  evidence.before = kMov;
  evidence.armed = kMov;
  evidence.armed[0] = 0xe9;
  evidence.site_address = kSite;
  put_rel32(evidence.armed, 0, kSite, target);
  evidence.detour_address = detour;
  if (detour != 0) evidence.detour = {0x54};
  return evidence;
}

TEST(Classify, SlotThatEndsInATrapIsStepped) {
  EXPECT_EQ(classify(int3_with_slot({0xb9, 0x62, 0x72, 0x70, 0x62, 0xcc})), ProbeState::stepped);
}

TEST(Classify, SlotWithoutTrapIsSteppedUnderTheTrapFlag) {
  EXPECT_EQ(classify(int3_with_slot({0xb9, 0x62, 0x72, 0x70, 0x62, 0x00})), ProbeState::stepped);
}

TEST(Classify, SlotThatJumpsBackIsBoosted) {
  EXPECT_EQ(classify(boosted()), ProbeState::boosted);
}

TEST(Classify, SlotThatJumpsElsewhereIsNeither) {
  auto evidence = boosted();
  evidence.slot[6] ^= 0x40;
  EXPECT_EQ(classify(evidence), ProbeState::unknown);
}

TEST(Classify, Int3WithoutASlotIsUnknown) {
  EXPECT_EQ(classify(int3_with_slot({})), ProbeState::unknown);
}

TEST(Classify, EmulatedByTheKernelsOwnMark) {
  auto evidence = int3_with_slot({0xeb, 0x00, 0xcc});
  evidence.before = {0xeb, 0x00, 0x48, 0x83, 0xc0, 0x01, 0xc3, 0x90};
  evidence.emulated = true;
  EXPECT_EQ(classify(evidence), ProbeState::emulated);
}

TEST(Classify, PreparedAndQueuedIsDetour) {
  auto evidence = int3_with_slot({0xb9, 0x62, 0x72, 0x70, 0x62, 0xcc});
  evidence.prepared = true;
  EXPECT_EQ(classify(evidence), ProbeState::stepped) << "prepared, but optimization is switched off";
  evidence.optimized_flag = true;
  EXPECT_EQ(classify(evidence), ProbeState::detour);
}

TEST(Classify, JumpToTheDetourBufferIsOptimized) {
  EXPECT_EQ(classify(jump_to(0xffffffffc0220000, 0xffffffffc0220000)), ProbeState::optimized);
}

TEST(Classify, JumpPastTheDetourBufferIsUnknown) {
  EXPECT_EQ(classify(jump_to(0xffffffffc0220008, 0xffffffffc0220000)), ProbeState::unknown);
}

TEST(Classify, JumpLabels) {
  EXPECT_EQ(classify(jump_to(0xffffffffc0201020, 0)), ProbeState::static_key);
  Evidence evidence;
  evidence.before = {0x66, 0x90, 0x48, 0x8d};
  evidence.armed = {0xeb, 0x0a, 0x48, 0x8d};
  EXPECT_EQ(classify(evidence), ProbeState::static_key);
}

// fexit on Linux 7.2: the trampoline lies in pages of its own.
TEST(Classify, JumpOutOfTheFunctionLeadsToATrampoline) {
  EXPECT_EQ(classify(jump_to(kSite + 0x12017, 0)), ProbeState::ftrace_jump);
  EXPECT_EQ(classify(jump_to(kSite - 0x3fe01010, 0)), ProbeState::ftrace_jump);
  EXPECT_EQ(classify(jump_to(kSite - 0x20, 0)), ProbeState::static_key);
}

TEST(Classify, CallIsFtrace) {
  Evidence evidence;
  evidence.before = {0x0f, 0x1f, 0x44, 0x00, 0x00};
  evidence.armed = {0xe8, 0x87, 0xf0, 0x00, 0x00};
  EXPECT_EQ(classify(evidence), ProbeState::ftrace);
}

TEST(Classify, OriginalBytesAreUnarmed) {
  Evidence evidence;
  evidence.before = kMov;
  evidence.armed = kMov;
  EXPECT_EQ(classify(evidence), ProbeState::unarmed);
  evidence.armed[3] ^= 1;
  EXPECT_EQ(classify(evidence), ProbeState::unknown);
  EXPECT_EQ(classify(Evidence{}), ProbeState::unknown);
}

// As read from a process on Linux 7.3: a nop of ten bytes, armed after its first hit, and detached.
const Bytes kNop10Site{0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xc3, 0x90};
const Bytes kLeaAndCall{0x48, 0x8d, 0x64, 0x24, 0x80, 0xe8, 0x33, 0x9d, 0xfe, 0xff, 0xc3, 0x90};
const Bytes kNop10AndCall{0x66, 0x2e, 0x0f, 0x1f, 0x84, 0xe8, 0x33, 0x9d, 0xfe, 0xff, 0xc3, 0x90};

Evidence at_nop10(const Bytes& armed, const Bytes& after) {
  Evidence evidence;
  evidence.before = kNop10Site;
  evidence.armed = armed;
  evidence.after = after;
  evidence.site_address = 0x401000;
  return evidence;
}

TEST(Classify, ANopOfTenBytesBecomesLeaAndCall) {
  auto evidence = at_nop10(kLeaAndCall, kNop10AndCall);
  EXPECT_EQ(classify(evidence), ProbeState::user_call);
  evidence.before = kNop10AndCall;  // a second probe there
  EXPECT_EQ(classify(evidence), ProbeState::user_call);
  evidence.armed[5] = 0xe9;
  EXPECT_EQ(classify(evidence), ProbeState::unknown);
}

TEST(Classify, LeaAndCallInPlaceOfAnotherInstructionIsUnknown) {
  auto evidence = at_nop10(kLeaAndCall, kNop10AndCall);
  evidence.before[0] = 0x90;
  EXPECT_EQ(classify(evidence), ProbeState::unknown);
}

TEST(Restored, IsTheSameText) {
  EXPECT_TRUE(is_restored(at_nop10(kLeaAndCall, kNop10Site)));
  EXPECT_FALSE(is_restored(at_nop10(kLeaAndCall, kLeaAndCall)));
  EXPECT_FALSE(is_restored(kMov, boosted().armed));
}

TEST(Restored, ANopOfTenBytesMayKeepTheCallThatWasThere) {
  EXPECT_TRUE(is_restored(at_nop10(kLeaAndCall, kNop10AndCall)));
  EXPECT_TRUE(is_restored(kNop10Site, kNop10AndCall));
}

TEST(Restored, ButNoOtherBytes) {
  auto another_call = kNop10AndCall;
  another_call[6] ^= 1;
  EXPECT_FALSE(is_restored(at_nop10(kLeaAndCall, another_call)));
  auto no_call = kNop10AndCall;
  no_call[5] = 0xe9;
  EXPECT_FALSE(is_restored(kNop10Site, no_call));
  auto behind = kNop10AndCall;
  behind[10] = 0x90;
  EXPECT_FALSE(is_restored(kNop10Site, behind));
  EXPECT_FALSE(
      is_restored(at_nop10({0xcc, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xc3, 0x90}, kNop10AndCall)))
      << "what never was a call keeps none";
}

}  // namespace

}  // namespace probebench::verify
