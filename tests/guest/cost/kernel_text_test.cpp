// SPDX-License-Identifier: MIT
#include "cost/kernel_text.h"

#include <gtest/gtest.h>

namespace probebench::cost {
namespace {

constexpr std::uint64_t kBegin = 0xffffffff81000000;
const Bytes kText{0x90, 0x0f, 0x1f, 0x44, 0x00, 0x00, 0x55, 0x53, 0x90, 0x90, 0x90, 0x90};

TEST(ChangedPlaces, AreOneForEachPatch) {
  EXPECT_TRUE(changed_places(kText, kText, kBegin).empty());
  Bytes armed = kText;
  // A call whose displacement has a byte of the nop's, and a breakpoint further on.
  const Bytes call{0xe8, 0x9b, 0x44, 0xdb, 0x3e};
  std::copy(call.begin(), call.end(), armed.begin() + 1);
  armed[7] = 0xcc;
  const auto places = changed_places(kText, armed, kBegin);
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].address, kBegin + 1);
  EXPECT_EQ(places[0].armed, call);
  EXPECT_EQ(places[0].before, (Bytes{0x0f, 0x1f, 0x44, 0x00, 0x00}));
  EXPECT_EQ(places[1].address, kBegin + 7);
}

TEST(ChangedPlaces, BeginWithTheOpcodeOfACallThatLeadsElsewhere) {
  const Bytes before{0x90, 0xe8, 0xd7, 0xfe, 0xff, 0xff, 0x48};
  const Bytes now{0x90, 0xe8, 0xe7, 0x64, 0x00, 0x00, 0x48};
  const auto places = changed_places(before, now, kBegin);
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].address, kBegin + 1);
  EXPECT_EQ(places[0].armed.front(), 0xe8);
  const Bytes near{0x90, 0xe8, 0xd7, 0xfe, 0x00, 0xff, 0x48};
  EXPECT_EQ(changed_places(before, near, kBegin).front().address, kBegin + 1) << "its later bytes alone";
}

TEST(ChangedPlaces, EndWithTheText) {
  Bytes armed = kText;
  armed.back() = 0xcc;
  const auto places = changed_places(kText, armed, kBegin);
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].armed, Bytes{0xcc});
}

}  // namespace
}  // namespace probebench::cost
