// SPDX-License-Identifier: MIT
#include "cli/predict_command.h"

#include <gtest/gtest.h>

namespace probebench::cli {
namespace {

TEST(PredictOptions, ReadsAProbe) {
  const auto site = predict_site_from("raw-tp:sched:sched_switch");
  ASSERT_TRUE(site);
  EXPECT_EQ(site->probe_type, ProbeType::raw_tp);
  EXPECT_EQ(site->place, "sched:sched_switch");
  EXPECT_EQ(predict_site_from("kprobe-optimized:vfs_read+0x10")->place, "vfs_read+0x10");
}

TEST(PredictOptions, RefusesWhatIsNoProbe) {
  for (const auto* text : {"vfs_read", "kprobe-optimized:", "kprobe-optimised:vfs_read",
                           "raw-tp:sched_switch", "uprobe:/bin/ls"}) {
    const auto site = predict_site_from(text);
    ASSERT_FALSE(site) << text;
    EXPECT_EQ(site.error().fault, Fault::usage);
    EXPECT_NE(site.error().message().find(text), std::string::npos);
  }
}

TEST(PredictOptions, KnowWhereATypeSits) {
  EXPECT_TRUE(goes_past_entry(ProbeType::kprobe_optimized));
  EXPECT_TRUE(goes_past_entry(ProbeType::kprobe_stepped));
  EXPECT_FALSE(goes_past_entry(ProbeType::kprobe_ftrace));
  EXPECT_FALSE(goes_past_entry(ProbeType::fentry));
  EXPECT_FALSE(goes_past_entry(ProbeType::kretprobe_int3));
}

}  // namespace

}  // namespace probebench::cli
