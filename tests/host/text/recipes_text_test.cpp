// SPDX-License-Identifier: MIT
#include "text/recipes_text.h"

#include "golden.h"

namespace probebench::text {
namespace {

TEST(RecipesText, IsATableWithTheReasonsOfWhatHasNoFigure) {
  const ProbeCost measured{
      .workload = WorkloadId::pread,
      .base_per_op = {1264, 1264},
      .armed_per_op = {1625, 1625},
      .hits = {{"kprobe mine", "run_cnt", {500, 500, 0}}, {"two", "run_cnt", {500, 500, 0}}},
      .sites = {{.place = "ftrace_call+0x0", .arming = SiteArming::led_elsewhere},
                {.place = "vfs_read+0x4", .arming = SiteArming::ftrace}},
      .status = CellStatus::measured};
  auto noisy = measured;
  noisy.armed_per_op = {1625, 1630};
  const ProbeCost refused{.workload = WorkloadId::open_close,
                          .status = CellStatus::skipped,
                          .reason =
                              "bpftrace: not on this machine; apt-get install bpftrace, which is a long "
                              "reason"};
  const auto text = recipes_table(
      "vm-tcg-6.12", {{"first", &measured}, {"noisy", &noisy}, {"refused", &refused}, {"cut-off", nullptr}});
  expect_fits(text);
  EXPECT_EQ(text,
            "vm-tcg-6.12\n"
            "recipe   workload    per hit          hits  mechanism\n"
            "first    pread           361  1000 of 1000  ftrace\n"
            "noisy    pread        ~363.5  1000 of 1000  ftrace\n"
            "refused  open-close        -                refused\n"
            "  bpftrace: not on this machine; apt-get install bpftrace, which is a long\n"
            "  reason\n"
            "cut-off                    -                not measured\n");
}

}  // namespace
}  // namespace probebench::text
