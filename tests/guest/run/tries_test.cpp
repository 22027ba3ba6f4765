// SPDX-License-Identifier: MIT
#include "run/tries.h"

#include <gtest/gtest.h>

namespace probebench::run {
namespace {

Window disturbed(bool disturbed) {
  Window window;
  window.interrupted = disturbed;
  return window;
}

TEST(Tries, ADisturbedWindowIsMadeAgainUpToTenTimes) {
  int made = 0;
  auto window = undisturbed_window(kWindowTries, [&]() -> Result<Window> { return disturbed(++made < 4); });
  EXPECT_EQ(made, 4);
  EXPECT_FALSE(window->disturbed());
  made = 0;
  window = undisturbed_window(kWindowTries, [&]() -> Result<Window> { return disturbed(++made > 0); });
  EXPECT_EQ(made, 10);
  EXPECT_TRUE(window->disturbed()) << "the last try stands as it is";
}

TEST(Tries, AFailureEndsThem) {
  int made = 0;
  const auto window = undisturbed_window(kWindowTries, [&]() -> Result<Window> {
    ++made;
    return Error{Fault::cell, "make a window", 0, {}};
  });
  EXPECT_FALSE(window);
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace probebench::run
