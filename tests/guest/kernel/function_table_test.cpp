// SPDX-License-Identifier: MIT
#include "kernel/function_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace probebench::kernel {
namespace {

TEST(FunctionTable, KnowsWhereAFunctionEndsAndWhoSharesItsName) {
  std::istringstream listing(
      "ffffffff81000000 T first\nffffffff81000040 t twice\nffffffff81000050 D data\nffffffff81000080 t "
      "twice\n"
      "ffffffffc0000000 t other\t[module]\n");
  const auto table = find_functions(listing, {"first", "twice", "other", "absent", "data"});
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table.at("first").size, 0x40u);
  EXPECT_EQ(table.at("twice").namesakes, 2u);
  EXPECT_EQ(table.at("other").address, 0xffffffffc0000000u);
}

}  // namespace
}  // namespace probebench::kernel
