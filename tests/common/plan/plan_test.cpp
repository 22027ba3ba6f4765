// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>

#include "model/summary.h"
#include "plan/plan_options.h"
#include "plan/selection.h"
#include "plan/suggest.h"

namespace probebench {
namespace {

Result<Planned> planned(std::string probe_types, std::string handlers = "nop") {
  PlanOptions options;
  options.probe_types = std::move(probe_types);
  options.handlers = std::move(handlers);
  return make_plan(options, ClockKind::instructions);
}

std::string error_of(const std::string& probe_types, const std::string& handlers = "nop") {
  const auto result = planned(probe_types, handlers);
  if (result) return "no error";
  EXPECT_EQ(result.error().fault, Fault::usage);
  return result.error().message();
}

TEST(EditDistance, known_answers) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

TEST(SelectProbeTypes, all_is_the_whole_table_in_order) {
  const auto types = select_probe_types("all");
  ASSERT_TRUE(types);
  ASSERT_EQ(types->size(), kProbeTypes.size());
  for (std::size_t i = 0; i < types->size(); ++i) EXPECT_EQ((*types)[i], kProbeTypes[i].id);
}

TEST(SelectProbeTypes, order_is_the_tables_and_duplicates_go) {
  const auto types = select_probe_types("fprobe-exit, kprobe-optimized,kprobe-int3,kprobe-stepped");
  ASSERT_TRUE(types);
  EXPECT_EQ(types->front(), ProbeType::kprobe_stepped);
  EXPECT_EQ(types->back(), ProbeType::fprobe_exit);
  EXPECT_EQ(types->size(), 8u);
}

TEST(SelectProbeTypes, every_group_has_members) {
  for (const auto group : kProbeGroups) {
    const auto types = select_probe_types(group);
    ASSERT_TRUE(types) << group;
    EXPECT_FALSE(types->empty()) << group;
  }
}

TEST(SelectProbeTypes, every_type_is_in_a_group_that_can_be_asked_for) {
  for (const auto& info : kProbeTypes) {
    const auto is_member = [&](std::string_view group) { return in_group(info, group); };
    EXPECT_GE(std::ranges::count_if(kProbeGroups, is_member), 2) << info.name;  // all, its family
    EXPECT_EQ(in_group(info, "kmod"), info.backend == Backend::kmod) << info.name;
  }
}

TEST(SelectProbeTypes, a_name_of_both_kinds_means_the_group) {
  const auto types = select_probe_types("ftrace");
  ASSERT_TRUE(types);
  EXPECT_EQ(*types, (std::vector{ProbeType::ftrace, ProbeType::ftrace_regs}));
}

TEST(SelectProbeTypes, alias) {
  const auto types = select_probe_types("optprobe");
  ASSERT_TRUE(types);
  EXPECT_EQ(*types, std::vector{ProbeType::kprobe_optimized});
}

TEST(MakePlan, one_cell_for_each_type_and_handler) {
  const auto result = planned("kprobe-stepped,ftrace-regs", "count,nop");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->plan.cells.size(), 4u);
  EXPECT_EQ(result->plan.cells[0].name(), "kprobe-stepped/module/mid-step/nop/threads:1");
  EXPECT_EQ(result->plan.cells[1].name(), "kprobe-stepped/module/mid-step/count/threads:1");
}

TEST(MakePlan, unknown_names_get_the_nearest_one) {
  EXPECT_EQ(error_of("kprobe-optimised"),
            "unknown probe type 'kprobe-optimised'; did you mean kprobe-optimized?");
  EXPECT_EQ(error_of("kprobe,tracepiont"), "unknown probe type 'tracepiont'; did you mean tracepoint?");
  EXPECT_EQ(error_of("qqqqqqqqqqqq"), "unknown probe type 'qqqqqqqqqqqq'; see ./run-bench list");
  EXPECT_EQ(error_of("all", "cuont"), "unknown handler 'cuont'; did you mean count?");
}

TEST(MakePlan, part_of_a_name_finds_all_that_contain_it) {
  EXPECT_EQ(error_of("optimized"),
            "unknown probe type 'optimized'; did you mean kprobe-unoptimized or kprobe-optimized or "
            "kretprobe-optimized?");
}

TEST(MakePlan, jprobe_is_known_to_be_gone) {
  EXPECT_NE(error_of("jprobe").find("jprobe was removed in Linux 4.15; use kprobe-"), std::string::npos);
}

TEST(MakePlan, empty_names_are_refused) {
  for (const auto* list : {"", ",", "kprobe,", "kprobe,,ftrace", " "}) {
    EXPECT_NE(error_of(list).find("empty name"), std::string::npos) << list;
  }
  EXPECT_NE(error_of("all", "").find("empty name"), std::string::npos);
}

TEST(Handlers, delay_takes_an_argument_and_only_delay) {
  EXPECT_EQ(name_of(*handler_choice_from("delay:500")), "delay:500");
  EXPECT_EQ(handler_choice_from("delay:500")->delay_ns, 500u);
  EXPECT_EQ(name_of(*handler_choice_from("count")), "count");
  for (const auto* bad : {"delay", "delay:", "delay:0", "delay:x", "delay:5x", "delay:-1", "delay:100001",
                          "delay:99999999999", "count:5", "", "nop:"}) {
    EXPECT_FALSE(handler_choice_from(bad)) << bad;
  }
}

TEST(MakePlan, delays_are_handlers_of_their_own) {
  const auto result = planned("tracepoint,kprobe-optimized", "delay:20,nop,delay:1000");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->plan.cells[0].name(), "kprobe-optimized/module/mid/nop/threads:1");
  EXPECT_EQ(result->plan.cells[1].name(), "kprobe-optimized/module/mid/delay:20/threads:1");
  EXPECT_EQ(result->plan.cells[2].name(), "kprobe-optimized/module/mid/delay:1000/threads:1");
  EXPECT_NE(error_of("tracepoint", "delay:0").find("delay:NS with NS from 1 to 100000"), std::string::npos);
}

TEST(MakePlan, threads_are_cells_of_their_own) {
  PlanOptions options;
  options.probe_types = "raw-tp";
  options.threads = "2,1,2";
  const auto result = make_plan(options, ClockKind::tsc);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->plan.cells[0].name(), "raw-tp/module/tracepoint/nop/threads:1");
  EXPECT_EQ(result->plan.cells[1].name(), "raw-tp/test-run/trigger/nop/threads:1");
  EXPECT_EQ(result->plan.cells[2].name(), "raw-tp/module/tracepoint/nop/threads:2");
  EXPECT_EQ(result->plan.cells.size(), 4u);
}

TEST(MakePlan, bad_numbers_of_threads_are_refused) {
  PlanOptions options;
  for (const auto* bad : {"0", "-1", "x", "1,,2", "1025", "2x", "99999999999", ""}) {
    options.threads = bad;
    const auto result = make_plan(options, ClockKind::tsc);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().fault, Fault::usage);
    EXPECT_NE(result.error().what.find("--threads"), std::string::npos) << bad;
  }
}

TEST(MakePlan, rounds_default_by_clock_and_are_bounded) {
  PlanOptions options;
  EXPECT_EQ(make_plan(options, ClockKind::instructions)->plan.rounds, kExactRounds);
  EXPECT_EQ(make_plan(options, ClockKind::tsc)->plan.rounds, kNoisyRounds);
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, kMaxRounds + 1}) {
    options.rounds = bad;
    EXPECT_FALSE(make_plan(options, ClockKind::instructions)) << bad;
  }
}

TEST(MakePlan, too_few_rounds_for_an_exact_count_is_a_warning) {
  PlanOptions options;
  options.rounds = 2;
  EXPECT_EQ(make_plan(options, ClockKind::instructions)->warnings.size(), 1u);
  EXPECT_TRUE(make_plan(options, ClockKind::tsc)->warnings.empty());
  options.rounds = 3;
  EXPECT_TRUE(make_plan(options, ClockKind::instructions)->warnings.empty());
}

TEST(MakePlan, only_google_benchmarks_flags_pass_through) {
  PlanOptions options;
  options.benchmark_args = {"--benchmark_filter=ftrace"};
  EXPECT_EQ(make_plan(options, ClockKind::tsc)->plan.benchmark_args, options.benchmark_args);
  options.benchmark_args = {"--rounds=3"};
  EXPECT_FALSE(make_plan(options, ClockKind::tsc));
}

}  // namespace
}  // namespace probebench
