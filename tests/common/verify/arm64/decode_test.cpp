// SPDX-License-Identifier: MIT
#include "verify/arm64/decode.h"

#include <gtest/gtest.h>

#include "model/arm64_words.h"
#include "verify/decode.h"
#include "verify/disassembler.h"

namespace probebench::verify::arm64 {
namespace {

using probebench::arm64::kKprobeTrap;
using probebench::arm64::kNop;
using probebench::arm64::kStepTrap;
using probebench::arm64::kUprobeTrap;

constexpr std::uint64_t kArmPlace = 0xffff80007a801010;
constexpr std::uint32_t kEor = 0x4a090129;  // eor w9, w9, w9
constexpr std::uint32_t kNext = 0x91000400;

Bytes text_of(std::initializer_list<std::uint32_t> all) {
  Bytes bytes;
  for (const auto word : all) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  return bytes;
}

Evidence evidence_for(ProbeState state, std::uint32_t before, std::uint32_t now, Bytes slot = {}) {
  Evidence evidence;
  evidence.arch = ArchId::arm64;
  evidence.state = state;
  evidence.before = evidence.after = text_of({before, kNext});
  evidence.armed = text_of({now, kNext});
  evidence.slot = std::move(slot);
  evidence.site_address = kArmPlace;
  evidence.slot_address = 0xffff800078f00000;
  return evidence;
}

void expect_none(const Evidence& evidence) {
  const auto told = objection(evidence);
  EXPECT_FALSE(told) << *told;
}

void expect_part(const Evidence& evidence, const std::string& part) {
  const auto told = objection(evidence);
  ASSERT_TRUE(told) << part;
  EXPECT_NE(told->find(part), std::string::npos) << *told;
}

TEST(Arm64Decode, Instructions) {
  EXPECT_EQ(decode(text_of({0x94000002}), 0x1000, ArchId::arm64), "bl #0x1008");
  EXPECT_EQ(decode(text_of({kKprobeTrap}), 0x1000, ArchId::arm64), "brk #0x4");
  EXPECT_EQ(decode(Bytes{0x90}, 0x1000, ArchId::x86_64), "nop");
}

TEST(Arm64Decode, AgreesWithWhatTheKernelDoes) {
  expect_none(evidence_for(ProbeState::stepped, kEor, kKprobeTrap, text_of({kEor, kStepTrap})));
  expect_none(evidence_for(ProbeState::emulated, 0x14000001, kKprobeTrap));
  expect_none(evidence_for(ProbeState::ftrace, kNop, 0x940025ad));
  expect_none(evidence_for(ProbeState::static_key, kNop, 0x14000006));
  expect_none(evidence_for(ProbeState::user_brk, kNop, kUprobeTrap));
  expect_none(evidence_for(ProbeState::breakpoint, kEor, kEor));
}

TEST(Arm64Decode, ObjectsToWhatTheBytesDoNotSay) {
  const auto slot = text_of({kEor, kStepTrap});
  expect_part(evidence_for(ProbeState::stepped, kEor, kUprobeTrap, slot), "not brk #4");
  expect_part(evidence_for(ProbeState::stepped, kNext, kKprobeTrap, slot), "not a copy");
  expect_part(evidence_for(ProbeState::stepped, kEor, kKprobeTrap, text_of({kEor, kNop})), "not brk #6");
  expect_part(evidence_for(ProbeState::emulated, kEor, kKprobeTrap), "does not simulate");
  expect_part(evidence_for(ProbeState::emulated, 0x14000001, kKprobeTrap, slot), "has a slot");
  expect_part(evidence_for(ProbeState::ftrace, kEor, 0x940025ad), "not a nop");
  expect_part(evidence_for(ProbeState::ftrace, kNop, 0x14000006), "not bl");
  expect_part(evidence_for(ProbeState::optimized, kEor, 0x14000006), "arm64 has no state optimized");
  auto more = evidence_for(ProbeState::user_brk, kNop, kUprobeTrap);
  more.armed = text_of({kUprobeTrap, kNop});
  expect_part(more, "more than one instruction");
  auto left = evidence_for(ProbeState::user_brk, kNop, kUprobeTrap);
  left.after = left.armed;
  expect_part(left, "after detaching");
}

TEST(Arm64Decode, FlowOfInstructions) {
  const Disassembler disassembler(ArchId::arm64);
  const auto flow = [&](std::uint32_t word) { return flow_of(text_of({word}), 0x1000, disassembler); };
  EXPECT_EQ(flow(0x94000002).flow, Flow::call);
  EXPECT_EQ(flow(0x94000002).target, 0x1008u);
  EXPECT_EQ(flow(0xd63f0260).flow, Flow::call);  // blr x19
  EXPECT_EQ(flow(0x54000041).flow, Flow::jump);  // b.ne
  EXPECT_EQ(flow(0x54000041).target, 0x1008u);
  EXPECT_EQ(flow(0x37180040).target, 0x1008u);   // tbnz w0, #3
  EXPECT_EQ(flow(0xd61f0200).flow, Flow::jump);  // br x16
  EXPECT_EQ(flow(0xd65f03c0).flow, Flow::ret);
  EXPECT_EQ(flow(0xd65f0bff).flow, Flow::ret);  // retaa
  EXPECT_EQ(flow(kKprobeTrap).flow, Flow::trap);
  EXPECT_EQ(flow(0xd4000001).flow, Flow::system_call);
  EXPECT_EQ(flow(0xd69f03e0).flow, Flow::exception_return);
  EXPECT_EQ(flow(kNext).flow, Flow::onward);
}

}  // namespace
}  // namespace probebench::verify::arm64
