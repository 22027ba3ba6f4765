// SPDX-License-Identifier: MIT
// Where functions can be probed.
#include "verify/x86/site_choice.h"

#include <gtest/gtest.h>

namespace probebench::verify {
namespace {

constexpr std::uint64_t kFunction = 0xffffffff81000000;

SiteChoice choose(std::initializer_list<int> text, AddressRange thunks = {}) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return choose_mid_site(bytes, kFunction, thunks);
}

std::uint64_t offset_of(const SiteChoice& choice) {
  return choice.address.value_or(0) - kFunction;
}

TEST(SiteChoice, GoesBehindTheEntryAndItsNop) {
  // endbr64; nopl 0(%rax,%rax,1); mov %rdi,%rax; mov %rsi,%rdx; ret
  const auto choice =
      choose({0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0, 0, 0x48, 0x89, 0xf8, 0x48, 0x89, 0xf2, 0xc3});
  ASSERT_TRUE(choice.address) << choice.refusal;
  EXPECT_EQ(offset_of(choice), 9u);
  EXPECT_EQ(choice.obstacle, "");
}

TEST(SiteChoice, LeavesTheEntryOfAFunctionWithoutANopAlone) {
  // push %rbx; mov %rdi,%rbx; mov %rsi,%rax; ret
  const auto choice = choose({0x53, 0x48, 0x89, 0xfb, 0x48, 0x89, 0xf0, 0xc3});
  EXPECT_EQ(offset_of(choice), 1u);
}

TEST(SiteChoice, PrefersWhereAJumpFits) {
  // nop5; mov %rdi,%rax; call; mov %rsi,%rax; mov %rdi,%rbx; ret
  const auto choice = choose(
      {0x0f, 0x1f, 0x44, 0, 0, 0x48, 0x89, 0xf8, 0xe8, 1, 0, 0, 0, 0x48, 0x89, 0xf0, 0x48, 0x89, 0xfb, 0xc3});
  EXPECT_EQ(offset_of(choice), 13u) << "the first mov is followed by a call, which cannot be copied";
  EXPECT_EQ(choice.obstacle, "");
}

TEST(SiteChoice, SaysWhatIsInTheWayOfAJump) {
  // nop5; mov %rdi,%rax; ret
  const auto short_one = choose({0x0f, 0x1f, 0x44, 0, 0, 0x48, 0x89, 0xf8, 0xc3});
  EXPECT_EQ(offset_of(short_one), 5u);
  EXPECT_NE(short_one.obstacle, "");
  // nop5; mov %rdi,%rax; mov %rsi,%rdx; jne back to the second mov; ret
  const auto target = choose({0x0f, 0x1f, 0x44, 0, 0, 0x48, 0x89, 0xf8, 0x48, 0x89, 0xf2, 0x75, 0xfb, 0xc3});
  EXPECT_EQ(offset_of(target), 5u);
  EXPECT_EQ(target.obstacle, "a jump leads into the five bytes");
  // nop5; mov %rdi,%rax; mov %rsi,%rdx; jmp *%rax
  const auto indirect = choose({0x0f, 0x1f, 0x44, 0, 0, 0x48, 0x89, 0xf8, 0x48, 0x89, 0xf2, 0xff, 0xe0});
  EXPECT_EQ(indirect.obstacle, "indirect jump in the function");
}

TEST(SiteChoice, KnowsARetpoline) {
  // nop5; mov %rdi,%rax; mov %rsi,%rdx; jmp +0x100
  const std::initializer_list<int> text{0x0f, 0x1f, 0x44, 0,    0, 0x48, 0x89, 0xf8,
                                        0x48, 0x89, 0xf2, 0xe9, 0, 1,    0,    0};
  EXPECT_EQ(choose(text).obstacle, "");
  EXPECT_EQ(choose(text, {kFunction + 0x100, kFunction + 0x200}).obstacle, "indirect jump in the function");
}

TEST(SiteChoice, TakesOnlyWhatEachCallExecutes) {
  // nop5; test %edi,%edi; je; mov ...: what is behind the branch is not on every call's path
  const auto choice = choose({0x0f, 0x1f, 0x44, 0, 0, 0x74, 0x06, 0x48, 0x89, 0xf8, 0x48, 0x89, 0xf2, 0xc3});
  EXPECT_FALSE(choice.address);
  EXPECT_EQ(choice.refusal, "no plain instruction between the entry and the first branch");
  EXPECT_FALSE(choose({}).address);
  EXPECT_FALSE(choose({0x06}).address) << "no instruction at all";
}

}  // namespace
}  // namespace probebench::verify
