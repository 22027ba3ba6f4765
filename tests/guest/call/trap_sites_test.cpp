// SPDX-License-Identifier: MIT
// The process's own traps are taken, each as what it is.
#include "call/trap_sites.h"

#include <gtest/gtest.h>

namespace probebench::call {
namespace {

TEST(TrapSites, AreTakenAsWhatTheyAre) {
  const auto handler = TrapHandler::install();
  ASSERT_TRUE(handler);
  for (const auto& info : kTrapKinds) {
    const auto site = trap_site(info.id);
    const auto before = (*handler)->taken(info.id);
    const auto others = (*handler)->others(info.id);
    for (int i = 0; i < 3; ++i) site.site();
    EXPECT_EQ((*handler)->taken(info.id), before + 3) << info.name;
    site.twin();
    EXPECT_EQ((*handler)->taken(info.id), before + 3) << info.name << "'s twin takes none";
    EXPECT_EQ((*handler)->others(info.id), others) << info.name;
  }
}

TEST(TrapSites, LeaveTheSignalAsItWas) {
  struct sigaction before {};
  struct sigaction after {};
  ASSERT_EQ(::sigaction(SIGTRAP, nullptr, &before), 0);
  { const auto handler = TrapHandler::install(); }
  ASSERT_EQ(::sigaction(SIGTRAP, nullptr, &after), 0);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace probebench::call
