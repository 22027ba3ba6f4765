// SPDX-License-Identifier: MIT
#include "run/cell_session.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace probebench::run {
namespace {

// To root the kernel says EPERM for other reasons: what it locks down, or does not do.
TEST(Rights, AreWhatAnotherUserLacks) {
  EXPECT_TRUE(needs_rights(EPERM, 65534));
  EXPECT_TRUE(needs_rights(EACCES, 65534));
  EXPECT_FALSE(needs_rights(ENOENT, 65534));
  EXPECT_FALSE(needs_rights(EPERM, 0));
}

}  // namespace
}  // namespace probebench::run
