// SPDX-License-Identifier: MIT
#include "session/native_lock.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

namespace probebench::session {
namespace {

using std::chrono::milliseconds;

TEST(NativeLock, IsHeldByOneAndSaysByWhom) {
  const auto name = fmt::format("probebench-lock-test-{}", ::getpid());
  std::optional<NativeLock> held;
  auto first = NativeLock::take(name, milliseconds(0));
  ASSERT_TRUE(first);
  held = *std::move(first);
  const auto second = NativeLock::take(name, milliseconds(0));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find(fmt::format("process {} of ", ::getpid())), std::string::npos)
      << second.error().message();
  held.reset();
  EXPECT_TRUE(NativeLock::take(name, milliseconds(0)));
}

}  // namespace
}  // namespace probebench::session
