// SPDX-License-Identifier: MIT
#include "attach/short_address.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace probebench::attach {
namespace {

Bytes text_of(std::initializer_list<std::uint32_t> words) {
  Bytes text;
  for (const auto word : words) {
    for (int shift = 0; shift < 32; shift += 8) text.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  return text;
}

constexpr std::uint32_t kStore = 0xa9bf7bfd;       // stp x29, x30, [sp, #-16]!
constexpr std::uint32_t kMovzTop = 0xd2ffffe0;     // movz x0, #0xffff, lsl #48
constexpr std::uint32_t kMovkMiddle = 0xf2a05480;  // movk x0, #0x2a4, lsl #16
constexpr std::uint32_t kMovkLow = 0xf2982000;     // movk x0, #0xc100
constexpr std::uint32_t kOtherLow = 0xf2982001;    // movk x1, #0xc100

TEST(ShortAddress, AddressesOfThreePartsAreWhatIsUsual) {
  EXPECT_FALSE(loads_short_address(text_of({kStore, kMovzTop, kMovkMiddle, kMovkLow, kStore})));
}

TEST(ShortAddress, AMultipleOf64KibIsShort) {
  EXPECT_TRUE(loads_short_address(text_of({kStore, kMovzTop, kMovkMiddle, kStore})));
  EXPECT_TRUE(loads_short_address(text_of({kMovzTop, kMovkMiddle})));
  EXPECT_TRUE(loads_short_address(text_of({kMovzTop, kMovkMiddle, kOtherLow})));
  EXPECT_TRUE(loads_short_address(text_of({kMovzTop, kMovkMiddle, kMovzTop, kMovkMiddle, kMovkLow})));
}

// 52 bits of addresses: movz x0, #0xfff0, lsl #48.
TEST(ShortAddress, AddressesOf52BitsAreLoadedAlike) {
  EXPECT_FALSE(loads_short_address(text_of({0xd2fffe00, kMovkMiddle, kMovkLow})));
  EXPECT_TRUE(loads_short_address(text_of({0xd2fffe00, kMovkMiddle})));
}

// The kernel's mapped memory, 0xffff800081230000: movn x0, #0x7fff, lsl #32; movk x0, #0x8123, lsl #16; movk
// x0, #0.
TEST(ShortAddress, AddressesLoadedByTheirInverseHaveThreePartsToo) {
  EXPECT_FALSE(loads_short_address(text_of({0x92cfffe0, 0xf2b02460, 0xf2800000})));
}

TEST(ShortAddress, ConstantsAreNoAddresses) {
  EXPECT_FALSE(loads_short_address(text_of({0x92800000})));              // movn x0, #0: -1
  EXPECT_FALSE(loads_short_address(text_of({0xd2800020})));              // movz x0, #1
  EXPECT_FALSE(loads_short_address(text_of({0xd2800020, 0xf2c00020})));  // 0x100000001
  EXPECT_FALSE(loads_short_address(text_of({0x52800020})));              // movz w0, #1
  EXPECT_FALSE(loads_short_address({}));
}

}  // namespace
}  // namespace probebench::attach
