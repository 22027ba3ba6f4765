// SPDX-License-Identifier: MIT
#include "verify/x86/decode.h"

#include <gtest/gtest.h>

#include "verify/decode.h"

namespace probebench::verify {
namespace {

constexpr std::uint64_t kDecodedSite = 0xffffffffc0201010;
constexpr std::uint64_t kDecodedSlot = 0xffffffffc0300000;
constexpr std::uint64_t kDetour = 0xffffffffc0400000;

const Bytes kPlain = {0x48, 0x89, 0xf8,                          // mov rax, rdi
                      0x48, 0x83, 0xc0, 0x01,                    // add rax, 1
                      0x0f, 0x1f, 0x44, 0,    0};                // nop
const Bytes kRipRelative = {0x8b, 0x05, 0x00, 0x10, 0x00, 0x00,  // mov eax, [rip + 0x1000]
                            0x48, 0x83, 0xc0, 0x01};             // add rax, 1
const Bytes kShortJump = {0xeb, 0x05, 0x48, 0x83, 0xc0, 0x01, 0x90, 0x90};
const Bytes kEntryNop = {0x0f, 0x1f, 0x44, 0x00, 0x00, 0x48, 0x89, 0xf8};

Bytes rel32(std::uint8_t opcode, std::uint64_t address, std::uint64_t target) {
  const auto distance = static_cast<std::uint32_t>(target - address - 5);
  Bytes bytes{opcode};
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(distance >> shift));
  return bytes;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes slice(const Bytes& bytes, std::size_t first, std::size_t count) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(first),
          bytes.begin() + static_cast<std::ptrdiff_t>(first + count)};
}

// `original` with its first bytes replaced.
Bytes patched(Bytes original, const Bytes& patch) {
  std::copy(patch.begin(), patch.end(), original.begin());
  return original;
}

CellResult cell(ProbeState state, const Bytes& before, const Bytes& patch) {
  CellResult result;
  result.status = CellStatus::measured;
  auto& evidence = result.evidence;
  evidence.state = state;
  evidence.site_address = kDecodedSite;
  evidence.slot_address = kDecodedSlot;
  evidence.detour_address = kDetour;
  evidence.before = before;
  evidence.after = before;
  evidence.armed = patched(before, patch);
  return result;
}

CellResult with_slot(ProbeState state, const Bytes& before, const Bytes& slot) {
  CellResult result = cell(state, before, {0xcc});
  result.evidence.slot = slot;
  return result;
}

// The shape of the kernel's optprobe template: save registers, call, restore, the copies, the way back.
Bytes detour_of(const Bytes& copies, std::uint64_t resume) {
  const Bytes head = {0x54, 0x9c, 0x57, 0x48, 0x89, 0xe6};
  const Bytes call = rel32(0xe8, kDetour + head.size(), 0xffffffff81001000);
  const Bytes tail = {0x5f, 0x9d};
  const Bytes body = head + call + tail + copies;
  return body + rel32(0xe9, kDetour + body.size(), resume) + Bytes{0xcc, 0xcc};
}

constexpr std::size_t kCopiesOffset = 13;  // of the copies in detour_of()

CellResult optimized() {
  CellResult result = cell(ProbeState::optimized, kPlain, rel32(0xe9, kDecodedSite, kDetour));
  result.evidence.detour = detour_of(slice(kPlain, 0, 7), kDecodedSite + 7);
  return result;
}

CellResult boosted_result() {
  return with_slot(ProbeState::boosted, kPlain,
                   slice(kPlain, 0, 3) + rel32(0xe9, kDecodedSlot + 3, kDecodedSite + 3));
}

CellResult stepped() {
  return with_slot(ProbeState::stepped, kPlain, slice(kPlain, 0, 3) + Bytes{0xcc, 0, 0, 0, 0});
}

void expect_agrees(const CellResult& result) {
  const auto objection = contradiction(result);
  EXPECT_FALSE(objection) << *objection;
}

void expect_objection(const CellResult& result, const std::string& part) {
  const auto objection = contradiction(result);
  ASSERT_TRUE(objection);
  EXPECT_NE(objection->find(part), std::string::npos) << *objection;
}

TEST(Decode, NamesTheFirstInstruction) {
  EXPECT_EQ(decode(rel32(0xe9, kDecodedSite, kDetour), kDecodedSite, ArchId::x86_64),
            "jmp 0xffffffffc0400000");
  EXPECT_EQ(decode({0xcc, 0x89, 0xf8}, kDecodedSite, ArchId::x86_64), "int3");
}

TEST(Decode, IsEmptyForWhatIsNoInstruction) {
  EXPECT_EQ(decode({}, kDecodedSite, ArchId::x86_64), "");
  EXPECT_EQ(decode({0xe9, 0x00}, kDecodedSite, ArchId::x86_64), "");  // cut off
}

TEST(Contradiction, NoneForACellThatWasNotMeasured) {
  CellResult result;
  result.status = CellStatus::skipped;
  EXPECT_FALSE(contradiction(result));
}

TEST(Contradiction, BytesMustBeRestored) {
  CellResult result = optimized();
  result.evidence.after = result.evidence.armed;
  expect_objection(result, "after detaching");
}

TEST(Contradiction, EvidenceMustBeThere) {
  CellResult result = optimized();
  result.evidence.before.clear();
  expect_objection(result, "before attaching are no instruction");
}

TEST(Contradiction, UnknownAndUnarmedAreNotMeasurements) {
  expect_objection(cell(ProbeState::unknown, kPlain, {0xf4}), "unknown");
  expect_objection(cell(ProbeState::unarmed, kPlain, {0xcc}), "bytes changed");
  expect_agrees(cell(ProbeState::unarmed, kPlain, {}));
}

TEST(Contradiction, OptimizedAgrees) {
  expect_agrees(optimized());
}

TEST(Contradiction, OptimizedMustBeAJump) {
  CellResult result = optimized();
  result.evidence.armed = patched(kPlain, {0xcc});
  expect_objection(result, "begins with `int3`, not jmp");
}

TEST(Contradiction, OptimizedMustJumpToItsDetour) {
  CellResult result = optimized();
  result.evidence.armed = patched(kPlain, rel32(0xe9, kDecodedSite, kDetour + 16));
  expect_objection(result, "but the detour buffer is at 0xffffffffc0400000");
}

TEST(Contradiction, OptimizedMustLeaveTheRestAlone) {
  CellResult result = optimized();
  result.evidence.armed.back() ^= 1;
  expect_objection(result, "more than the first 5 bytes");
}

TEST(Contradiction, DetourMustJumpBack) {
  CellResult result = optimized();
  result.evidence.detour = detour_of(slice(kPlain, 0, 7), kDecodedSite + 3);
  expect_objection(result, "no jmp back to 0xffffffffc0201017");
  result.evidence.detour.clear();
  expect_objection(result, "no jmp back");
}

TEST(Contradiction, TooFewBytesProveNoDetour) {
  CellResult result = cell(ProbeState::detour, {0x48, 0x89, 0xf8, 0x48}, {0xcc});
  result.evidence.detour = optimized().evidence.detour;
  expect_objection(result, "too few bytes at the site");
}

TEST(Contradiction, DetourMustHoldTheOriginalInstructions) {
  CellResult result = optimized();
  result.evidence.detour[kCopiesOffset + 6] = 2;  // add rax, 2
  expect_objection(result, "`add rax, 2` where a copy of `add rax, 1` belongs");
}

TEST(Contradiction, DetourCopiesMayMoveTheirDisplacement) {
  CellResult result = cell(ProbeState::optimized, kRipRelative, rel32(0xe9, kDecodedSite, kDetour));
  const auto moved = static_cast<std::uint32_t>(kDecodedSite + 6 + 0x1000 - (kDetour + kCopiesOffset + 6));
  Bytes copy = {0x8b, 0x05};
  for (int shift = 0; shift < 32; shift += 8) copy.push_back(static_cast<std::uint8_t>(moved >> shift));
  result.evidence.detour = detour_of(copy, kDecodedSite + 6);
  expect_agrees(result);
  result.evidence.detour = detour_of(slice(kRipRelative, 0, 6), kDecodedSite + 6);  // now reads other memory
  expect_objection(result, "where a copy of `mov eax");
}

TEST(Contradiction, DetourStateIsATrapWithADetour) {
  CellResult result = optimized();
  result.evidence.state = ProbeState::detour;
  result.evidence.armed = patched(kPlain, {0xcc});
  expect_agrees(result);
  result.evidence.detour.clear();
  expect_objection(result, "no jmp back");
}

TEST(Contradiction, BoostedAgrees) {
  expect_agrees(boosted_result());
}

TEST(Contradiction, BoostedMustJumpBackBehindTheInstruction) {
  CellResult result = boosted_result();
  result.evidence.slot = slice(kPlain, 0, 3) + rel32(0xe9, kDecodedSlot + 3, kDecodedSite + 7);
  expect_objection(result, "not a jmp back to 0xffffffffc0201013");
  result.evidence.slot = stepped().evidence.slot;
  expect_objection(result, "goes on with `int3`");
}

TEST(Contradiction, SteppedAgreesWithASecondTrapAndWithTheTrapFlag) {
  expect_agrees(stepped());
  CellResult before_5_13 = stepped();
  before_5_13.evidence.slot = slice(kPlain, 0, 3) + Bytes{0x00, 0x00, 0x00, 0x00};
  expect_agrees(before_5_13);
}

TEST(Contradiction, SteppedMustNotJumpBack) {
  CellResult result = boosted_result();
  result.evidence.state = ProbeState::stepped;
  expect_objection(result, "boosted, not stepped");
}

TEST(Contradiction, SlotMustBeginWithTheOriginalInstruction) {
  CellResult result = stepped();
  result.evidence.slot[2] = 0xf0;  // mov rax, rsi
  expect_objection(result, "not a copy of `mov rax, rdi`");
  result.evidence.slot.clear();
  expect_objection(result, "begins with `no instruction`");
}

TEST(Contradiction, SlotCopyMayMoveItsDisplacement) {
  const auto moved = static_cast<std::uint32_t>(kDecodedSite + 0x1000 - kDecodedSlot);
  Bytes slot = {0x8b, 0x05};
  for (int shift = 0; shift < 32; shift += 8) slot.push_back(static_cast<std::uint8_t>(moved >> shift));
  expect_agrees(with_slot(ProbeState::stepped, kRipRelative, slot + Bytes{0xcc}));
  slot[0] = 0x03;  // add instead of mov: same length, same memory
  expect_objection(with_slot(ProbeState::stepped, kRipRelative, slot + Bytes{0xcc}), "not a copy");
}

TEST(Contradiction, TrapStatesMustBeInt3) {
  CellResult result = stepped();
  result.evidence.armed = kPlain;
  expect_objection(result, "begins with `mov rax, rdi`, not int3");
}

TEST(Contradiction, EmulatedIsABranch) {
  expect_agrees(cell(ProbeState::emulated, kShortJump, {0xcc}));
  expect_agrees(cell(ProbeState::emulated, {0xc3, 0x90}, {0xcc}));  // ret
  expect_agrees(cell(ProbeState::emulated, {0xfa, 0x90}, {0xcc}));  // cli
  expect_objection(cell(ProbeState::emulated, kPlain, {0xcc}), "does not emulate `mov rax, rdi`");
}

TEST(Contradiction, FtraceIsACall) {
  expect_agrees(cell(ProbeState::ftrace, kEntryNop, rel32(0xe8, kDecodedSite, 0xffffffffc0500000)));
  expect_objection(cell(ProbeState::ftrace, kEntryNop, rel32(0xe9, kDecodedSite, 0xffffffffc0500000)),
                   "not call");
}

TEST(Contradiction, StaticKeyIsAJump) {
  expect_agrees(cell(ProbeState::static_key, kEntryNop, rel32(0xe9, kDecodedSite, kDecodedSite + 0x40)));
  expect_agrees(cell(ProbeState::static_key, {0x66, 0x90, 0x90, 0x90}, {0xeb, 0x20}));
  expect_objection(cell(ProbeState::static_key, kEntryNop, rel32(0xe8, kDecodedSite, kDecodedSite + 0x40)),
                   "not jmp");
}

// nopw %cs:0(%rax,%rax,1); ret; nop, and lea -0x80(%rsp),%rsp; call
const Bytes kWideNop{0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xc3, 0x90};
const Bytes kOverRedZone{0x48, 0x8d, 0x64, 0x24, 0x80};

CellResult lea_and_call() {
  return cell(ProbeState::user_call, kWideNop, kOverRedZone + rel32(0xe8, kDecodedSite + 5, kDetour));
}

TEST(Contradiction, AWideNopIsALeaAndACall) {
  expect_agrees(lea_and_call());
  expect_objection(cell(ProbeState::user_call, kWideNop, rel32(0xe8, kDecodedSite, kDetour)),
                   "lea and a call");
  auto behind = lea_and_call();
  behind.evidence.armed[10] = 0x90;
  expect_objection(behind, "more than the nop");
}

TEST(Contradiction, AWideNopMayKeepTheCallAsItsDisplacement) {
  auto result = lea_and_call();
  std::copy_n(result.evidence.armed.begin() + 5, 5, result.evidence.after.begin() + 5);
  expect_agrees(result);
  result.evidence.after[10] = 0x90;
  expect_objection(result, "after detaching");
}

TEST(Contradiction, ANarrowNopIsACallAlone) {
  const Bytes narrow{0x0f, 0x1f, 0x44, 0x00, 0x00, 0xc3, 0x90};
  expect_agrees(cell(ProbeState::user_call, narrow, rel32(0xe8, kDecodedSite, kDetour)));
}

}  // namespace
}  // namespace probebench::verify
