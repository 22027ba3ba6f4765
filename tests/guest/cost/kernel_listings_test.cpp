// SPDX-License-Identifier: MIT
#include "cost/kernel_listings.h"

#include <gtest/gtest.h>

namespace probebench::cost {
namespace {

const ListedProbe kFunction{"enabled_functions", "vfs_read (1) R I tramp: 0xffffffffc0201000"};
const ListedProbe kKprobe{"kprobes/list", "ffffffff81234560 k vfs_read+0x0 [FTRACE]"};

TEST(NewIn, IsWhatIsThereMoreOften) {
  EXPECT_TRUE(new_in({kFunction}, {kFunction}).empty());
  EXPECT_EQ(new_in({kFunction, kKprobe}, {kFunction}), std::vector{kKprobe});
  EXPECT_EQ(new_in({kKprobe, kKprobe, kKprobe}, {kKprobe}), (std::vector{kKprobe, kKprobe}));
  EXPECT_TRUE(new_in({}, {kFunction}).empty()) << "what is gone is not new";
}

TEST(Listed, NamesItsPlace) {
  EXPECT_EQ(function_of(kFunction), "vfs_read");
  EXPECT_EQ(function_of(kKprobe), "");
  EXPECT_EQ(address_of(kKprobe), 0xffffffff81234560);
  EXPECT_EQ(address_of(kFunction), 0u);
  EXPECT_EQ(place_of(kKprobe), "vfs_read+0x0");
  EXPECT_EQ(place_of(kFunction), "");
}

}  // namespace
}  // namespace probebench::cost
