// SPDX-License-Identifier: MIT
#include "session/native_target.h"

#include <gtest/gtest.h>

namespace probebench::session {
namespace {

TEST(NativeTarget, SaysWhereNobodyHasTriedIt) {
  EXPECT_EQ(native_warning(ArchId::x86_64), "");
  EXPECT_NE(native_warning(ArchId::arm64).find("has not been tried on arm64 hardware"), std::string::npos);
}

}  // namespace
}  // namespace probebench::session
