// SPDX-License-Identifier: MIT
#include "verify/x86/instructions.h"

#include <gtest/gtest.h>

#include <vector>

namespace probebench::verify {
namespace {

using Text = std::vector<std::uint8_t>;

constexpr std::uint64_t kTextBegin = 0x1000;

TEST(Instructions, AreFoundByAnyOfTheirBytes) {
  const Text text{0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3};  // push, mov, pop, ret
  EXPECT_EQ(instruction_around(text, 0), (InstructionBytes{0, 1}));
  for (const std::size_t offset : {1, 2, 3}) {
    EXPECT_EQ(instruction_around(text, offset), (InstructionBytes{1, 3})) << offset;
  }
  EXPECT_EQ(instruction_around(text, 5), (InstructionBytes{5, 1}));
  EXPECT_FALSE(instruction_around(text, 6));
  EXPECT_FALSE(instruction_around(Text{0x48}, 0));  // a prefix alone
}

TEST(Returns, AreSeen) {
  EXPECT_TRUE(may_return(Text{0x55, 0xc3}, kTextBegin, {}));
  EXPECT_TRUE(may_return(Text{0xff, 0xe0}, kTextBegin, {}));                    // jmp *%rax
  EXPECT_TRUE(may_return(Text{0xe9, 0x00, 0x01, 0x00, 0x00}, kTextBegin, {}));  // a tail call, a return thunk
  EXPECT_TRUE(may_return(Text{0x90, 0x48}, kTextBegin, {}));  // cannot be decoded to its end
}

TEST(Returns, AreNotWhereAFunctionOnlyCallsAndLoops) {
  EXPECT_FALSE(may_return(Text{0xe8, 0x00, 0x01, 0x00, 0x00, 0x0f, 0x0b}, kTextBegin, {}));  // call, ud2
  EXPECT_FALSE(may_return(Text{0x90, 0xeb, 0xfd}, kTextBegin, {}));                          // jmp to itself
}

TEST(Returns, AreNotInAJumpToTheFunctionsOwnColdPart) {
  const Text text{0x0f, 0x84, 0x00, 0x01, 0x00, 0x00, 0x0f, 0x0b};  // je 0x1106, ud2
  EXPECT_TRUE(may_return(text, kTextBegin, {}));
  EXPECT_FALSE(may_return(text, kTextBegin, {0x1100, 0x1110}));
}

TEST(Entries, OfFtraceAreKnownByTheirBytes) {
  const Text call{0xe8, 1, 2, 3, 4, 0x55};
  EXPECT_TRUE(begins_with_ftrace_call(call));
  EXPECT_TRUE(begins_with_ftrace_call(Text{0x0f, 0x1f, 0x44, 0, 0}));
  EXPECT_TRUE(begins_with_ftrace_call(Text{0x66, 0x66, 0x66, 0x66, 0x90}));
  EXPECT_TRUE(begins_with_ftrace_call(Text{0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0, 0}));
  EXPECT_TRUE(begins_with_ftrace_call(Text{0x66, 0x0f, 0x1f, 0x00, 0x0f, 0x1f, 0x44, 0, 0}));  // sealed
  EXPECT_FALSE(begins_with_ftrace_call(Text{0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, 0x5d}));
  EXPECT_FALSE(begins_with_ftrace_call(Text{0x55, 0x48, 0x89, 0xe5, 0x5d}));
  EXPECT_FALSE(begins_with_ftrace_call({}));
}

}  // namespace

}  // namespace probebench::verify
