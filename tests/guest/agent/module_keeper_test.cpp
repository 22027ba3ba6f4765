// SPDX-License-Identifier: MIT
#include "agent/module_keeper.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace probebench::agent {
namespace {

TEST(ModuleKeeper, TellsWhyNothingWasLoaded) {
  const auto keeper = ModuleKeeper::load("/no/such/module.ko");
  ASSERT_FALSE(keeper);
  EXPECT_EQ(keeper.error().fault, Fault::unsupported);
  EXPECT_EQ(keeper.error().err, ENOENT);
}

}  // namespace
}  // namespace probebench::agent
