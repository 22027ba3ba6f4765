// SPDX-License-Identifier: MIT
#include "vm/guest_text.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/file.h"
#include "kernels_fixture.h"

namespace probebench::vm {
namespace {

TEST(GuestLog, IsMadeAnewAndNeverThroughALink) {
  const TemporaryDirectory directory;
  const auto precious = directory.write("precious", "precious");
  for (const auto& target : {precious, directory.path() / "nowhere"}) {
    fs::create_symlink(target, directory.path() / "guest.log");
    const auto log = GuestLog::create(directory.path() / "guest.log");
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().err, ELOOP);
    fs::remove(directory.path() / "guest.log");
  }
  EXPECT_EQ(*read_file(precious), "precious");
  EXPECT_FALSE(fs::exists(directory.path() / "nowhere"));
  EXPECT_TRUE(GuestLog::create(precious));
  EXPECT_EQ(*read_file(precious), "");
}

}  // namespace
}  // namespace probebench::vm
