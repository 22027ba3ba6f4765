// SPDX-License-Identifier: MIT
#include "attach/crowd.h"

#include <gtest/gtest.h>

namespace probebench::attach {
namespace {

TEST(Crowd, LeavesOutWhatIsMeasuredAndWhatAProbeHarms) {
  EXPECT_TRUE(is_left_out("pb_site_entry [probebench]"));
  EXPECT_TRUE(is_left_out("arch_cpu_idle"));
  EXPECT_TRUE(is_left_out("rcu_note_context_switch"));
  EXPECT_TRUE(is_left_out("__ftrace_invalid_address___64"));
}

TEST(Crowd, TakesEveryOther) {
  EXPECT_FALSE(is_left_out("vfs_read"));
  EXPECT_FALSE(is_left_out("arch_cpu_idle_enter"));
  EXPECT_FALSE(is_left_out("ext4_sync_file [ext4]"));
  EXPECT_FALSE(is_left_out("srcu_drive_gp [probebench_like]"));
}

// Such a type adds a crowd to what another one measures.
TEST(Crowd, ATypeAmongAllIsNamedAfterTheOneThatItIsComparedWith) {
  int types = 0;
  for (const auto& info : kProbeTypes) {
    if (!info.among_all) continue;
    ++types;
    const auto alone = probe_type_from_name(info.name.substr(0, info.name.rfind("-all")));
    ASSERT_TRUE(alone) << info.name;
    EXPECT_EQ(info_of(*alone).mechanism, info.mechanism) << info.name;
    EXPECT_EQ(info_of(*alone).backend, info.backend) << info.name;
  }
  EXPECT_EQ(types, 4);
}

}  // namespace
}  // namespace probebench::attach
