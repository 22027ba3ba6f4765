// SPDX-License-Identifier: MIT
#include "call/measured_loop.h"

#include <Zydis/Zydis.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/site.h"
#include "pb_loop.h"

extern "C" const std::uint8_t pb_measured_loop_turn[];
extern "C" const std::uint8_t pb_measured_loop_turn_end[];
extern "C" const std::uint8_t pb_call_getpgid_end[];
extern "C" const std::uint8_t pb_module_loop_turn[];
extern "C" const std::uint8_t pb_module_loop_end[];

namespace probebench::call {
namespace {

#ifdef __x86_64__  // Zydis knows no other architecture; arm64's loop is counted by anatomy's totals

// The mnemonics from `begin`: to `end`, or to the first return when that is null.
std::vector<std::string> decode(const std::uint8_t* begin, const std::uint8_t* end) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  std::vector<std::string> found;
  while (end == nullptr || begin < end) {
    ZydisDecodedInstruction one;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, begin, 16, &one))) break;
    found.emplace_back(ZydisMnemonicGetString(one.mnemonic));
    begin += one.length;
    if (end == nullptr && one.mnemonic == ZYDIS_MNEMONIC_RET) break;
  }
  return found;
}

TEST(MeasuredLoop, HasTheInstructionsItStates) {
  const auto turn = decode(pb_measured_loop_turn, pb_measured_loop_turn_end);
  EXPECT_EQ(turn, (std::vector<std::string>{"call", "add", "cmp", "jnz"}));
  EXPECT_EQ(turn.size(), kTurnInsns);
}

// Never called: only its text is read.
[[gnu::used]] void hold_the_modules_loop() {
  asm volatile(".globl pb_module_loop_turn\npb_module_loop_turn:\n" PB_LOOP_TURN(
                   "pb_module_loop_end") ".globl pb_module_loop_end\npb_module_loop_end:\n"
               :
               :
               : "rbx", "r12", PB_LOOP_CLOBBERS);
}

TEST(MeasuredLoop, TheModulesHasTheInstructionsItStates) {
  const auto turn = decode(pb_module_loop_turn, pb_module_loop_end);
  EXPECT_EQ(turn, (std::vector<std::string>{"mov", "add", "call", "cmp", "jnz"}));
  EXPECT_EQ(turn.size(), PB_LOOP_TURN_INSNS);
}

TEST(MeasuredLoop, TheSystemCallHasTheInstructionsItStates) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(&pb_call_getpgid);
  EXPECT_EQ(decode(begin, pb_call_getpgid_end).size(), kGetpgidInsns);
}

TEST(MeasuredLoop, EachSiteHasTheInstructionsItStates) {
  for (const auto id : {SiteId::user_nop, SiteId::user_push, SiteId::user_ret, SiteId::user_nop5,
                        SiteId::user_nop10, SiteId::user_marker}) {
    const auto site = user_site(id);
    const auto own = decode(reinterpret_cast<const std::uint8_t*>(site.site), nullptr);
    EXPECT_EQ(own.size(), insns_of_user_site(id)) << info_of(id).name;
    EXPECT_EQ(own, decode(reinterpret_cast<const std::uint8_t*>(site.twin), nullptr)) << info_of(id).name;
  }
}

TEST(MeasuredLoop, TheWideNopIsTheOneThatKernelsKnow) {
  const auto site = user_site(SiteId::user_nop10);
  const std::vector<std::uint8_t> expected{0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xc3};
  for (const auto text : {site.site, site.twin}) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text);
    EXPECT_EQ(std::vector(bytes, bytes + expected.size()), expected);
  }
}

#endif

TEST(MeasuredLoop, CallsAsOftenAsAsked) {
  static std::uint32_t called;
  for (std::uint32_t calls : {0, 1, 2, 3, 64, 1001}) {
    called = 0;
    std::uint64_t stamps[2] = {};
    pb_measured_loop([] { ++called; }, calls, stamps);
    EXPECT_EQ(called, calls);
    EXPECT_LT(stamps[0], stamps[1]);
  }
}

}  // namespace
}  // namespace probebench::call
