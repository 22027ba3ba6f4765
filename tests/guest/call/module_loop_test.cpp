// SPDX-License-Identifier: MIT
// The helper module's loop, as far as it can be looked at without a kernel.
#include <Zydis/Zydis.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pb_loop.h"

extern "C" const std::uint8_t pb_module_loop_turn[];
extern "C" const std::uint8_t pb_module_loop_end[];

namespace probebench::call {
namespace {

// Never called: only its text is read.
[[gnu::used]] void hold_the_loop() {
  asm volatile(".globl pb_module_loop_turn\npb_module_loop_turn:\n" PB_LOOP_TURN(
                   "pb_module_loop_end") ".globl pb_module_loop_end\npb_module_loop_end:\n"
               :
               :
               : "rbx", "r12", PB_LOOP_CLOBBERS);
}

TEST(ModuleLoop, HasTheInstructionsItStates) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  std::vector<std::string> turn;
  for (const auto* at = pb_module_loop_turn; at < pb_module_loop_end;) {
    ZydisDecodedInstruction one;
    ASSERT_TRUE(ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, at, 16, &one)));
    turn.emplace_back(ZydisMnemonicGetString(one.mnemonic));
    at += one.length;
  }
  EXPECT_EQ(turn, (std::vector<std::string>{"mov", "add", "call", "cmp", "jnz"}));
  EXPECT_EQ(turn.size(), PB_LOOP_TURN_INSNS);
}

}  // namespace
}  // namespace probebench::call
