// SPDX-License-Identifier: MIT
#include "plan/plan_options.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/summary.h"
#include "plan/selection.h"

namespace probebench::plan {
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

TEST(EditDistance, KnownAnswers) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

// Those take as long as all others together.
TEST(SelectProbeTypes, WhatIsAmongAllFunctionsIsAskedForByItself) {
  const auto types = select_probe_types("all-functions");
  ASSERT_TRUE(types);
  EXPECT_EQ(types->size(), 4u);
  EXPECT_TRUE(std::ranges::all_of(*types, [](auto type) { return info_of(type).among_all; }));
}

TEST(SelectProbeTypes, AllIsTheWholeTableInOrder) {
  const auto types = select_probe_types("all");
  ASSERT_TRUE(types);
  ASSERT_EQ(types->size(), kProbeTypes.size() - 4);
  for (std::size_t i = 0; i < types->size(); ++i) EXPECT_EQ((*types)[i], kProbeTypes[i].id);
}

TEST(SelectProbeTypes, OrderIsTheTablesAndDuplicatesGo) {
  const auto types = select_probe_types("fprobe-exit, kprobe-optimized,kprobe-int3,kprobe-stepped");
  ASSERT_TRUE(types);
  EXPECT_EQ(types->front(), ProbeType::kprobe_stepped);
  EXPECT_EQ(types->back(), ProbeType::fprobe_exit);
  EXPECT_EQ(types->size(), 8u);
}

TEST(SelectProbeTypes, EveryGroupHasMembers) {
  for (const auto group : kProbeGroups) {
    const auto types = select_probe_types(group);
    ASSERT_TRUE(types) << group;
    EXPECT_FALSE(types->empty()) << group;
  }
}

TEST(SelectProbeTypes, EveryTypeIsInAGroupThatCanBeAskedFor) {
  for (const auto& info : kProbeTypes) {
    const auto is_member = [&](std::string_view group) { return in_group(info, group); };
    EXPECT_GE(std::ranges::count_if(kProbeGroups, is_member), info.among_all ? 1 : 2)
        << info.name;  // all, its family
    EXPECT_EQ(in_group(info, "kmod"), info.backend == Backend::kmod && !info.among_all) << info.name;
  }
}

TEST(SelectProbeTypes, ANameOfBothKindsMeansTheGroup) {
  const auto types = select_probe_types("ftrace");
  ASSERT_TRUE(types);
  EXPECT_EQ(*types, (std::vector{ProbeType::ftrace, ProbeType::ftrace_regs}));
}

TEST(SelectProbeTypes, Alias) {
  const auto types = select_probe_types("optprobe");
  ASSERT_TRUE(types);
  EXPECT_EQ(*types, std::vector{ProbeType::kprobe_optimized});
}

TEST(MakePlan, OneCellForEachTypeAndHandler) {
  const auto result = planned("kprobe-stepped,ftrace-regs", "count,nop");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->plan.cells.size(), 4u);
  EXPECT_EQ(result->plan.cells[0].name(), "kprobe-stepped/module/mid-step/nop/threads:1");
  EXPECT_EQ(result->plan.cells[1].name(), "kprobe-stepped/module/mid-step/count/threads:1");
}

TEST(MakePlan, UnknownNamesGetTheNearestOne) {
  EXPECT_EQ(error_of("kprobe-optimised"),
            "unknown probe type 'kprobe-optimised'; did you mean kprobe-optimized?");
  EXPECT_EQ(error_of("kprobe,tracepiont"), "unknown probe type 'tracepiont'; did you mean tracepoint?");
  EXPECT_EQ(error_of("qqqqqqqqqqqq"), "unknown probe type 'qqqqqqqqqqqq'; see ./run-bench list");
  EXPECT_EQ(error_of("all", "cuont"), "unknown handler 'cuont'; did you mean count?");
}

TEST(MakePlan, PartOfANameFindsAllThatContainIt) {
  EXPECT_EQ(error_of("optimized"),
            "unknown probe type 'optimized'; did you mean kprobe-unoptimized or kprobe-optimized or "
            "kretprobe-optimized?");
}

TEST(MakePlan, JprobeIsKnownToBeGone) {
  EXPECT_NE(error_of("jprobe").find("jprobe was removed in Linux 4.15; use kprobe-"), std::string::npos);
}

TEST(MakePlan, EmptyNamesAreRefused) {
  for (const auto* list : {"", ",", "kprobe,", "kprobe,,ftrace", " "}) {
    EXPECT_NE(error_of(list).find("empty name"), std::string::npos) << list;
  }
  EXPECT_NE(error_of("all", "").find("empty name"), std::string::npos);
}

TEST(Handlers, DelayTakesAnArgumentAndOnlyDelay) {
  EXPECT_EQ(name_of(*handler_choice_from("delay:500")), "delay:500");
  EXPECT_EQ(handler_choice_from("delay:500")->delay_ns, 500u);
  EXPECT_EQ(name_of(*handler_choice_from("count")), "count");
  for (const auto* bad : {"delay", "delay:", "delay:0", "delay:x", "delay:5x", "delay:-1", "delay:100001",
                          "delay:99999999999", "count:5", "", "nop:"}) {
    EXPECT_FALSE(handler_choice_from(bad)) << bad;
  }
}

TEST(MakePlan, DelaysAreHandlersOfTheirOwn) {
  const auto result = planned("tracepoint,kprobe-optimized", "delay:20,nop,delay:1000");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->plan.cells[0].name(), "kprobe-optimized/module/mid/nop/threads:1");
  EXPECT_EQ(result->plan.cells[1].name(), "kprobe-optimized/module/mid/delay:20/threads:1");
  EXPECT_EQ(result->plan.cells[2].name(), "kprobe-optimized/module/mid/delay:1000/threads:1");
  EXPECT_NE(error_of("tracepoint", "delay:0").find("delay:NS with NS from 1 to 100000"), std::string::npos);
}

TEST(MakePlan, ThreadsAreCellsOfTheirOwn) {
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

TEST(MakePlan, BadNumbersOfThreadsAreRefused) {
  PlanOptions options;
  for (const auto* bad : {"0", "-1", "x", "1,,2", "1025", "2x", "99999999999", ""}) {
    options.threads = bad;
    const auto result = make_plan(options, ClockKind::tsc);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().fault, Fault::usage);
    EXPECT_NE(result.error().what.find("--threads"), std::string::npos) << bad;
  }
}

TEST(MakePlan, RoundsDefaultByClockAndAreBounded) {
  PlanOptions options;
  EXPECT_EQ(make_plan(options, ClockKind::instructions)->plan.rounds, kExactRounds);
  EXPECT_EQ(make_plan(options, ClockKind::tsc)->plan.rounds, kNoisyRounds);
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, kMaxRounds + 1}) {
    options.rounds = bad;
    EXPECT_FALSE(make_plan(options, ClockKind::instructions)) << bad;
  }
}

TEST(MakePlan, TooFewRoundsForAnExactCountIsAWarning) {
  PlanOptions options;
  options.rounds = 2;
  EXPECT_EQ(make_plan(options, ClockKind::instructions)->warnings.size(), 1u);
  EXPECT_TRUE(make_plan(options, ClockKind::tsc)->warnings.empty());
  options.rounds = 3;
  EXPECT_TRUE(make_plan(options, ClockKind::instructions)->warnings.empty());
}

TEST(MakePlan, OnlyGoogleBenchmarksFlagsPassThrough) {
  PlanOptions options;
  options.benchmark_args = {"--benchmark_filter=ftrace"};
  EXPECT_EQ(make_plan(options, ClockKind::tsc)->plan.benchmark_args, options.benchmark_args);
  options.benchmark_args = {"--rounds=3"};
  EXPECT_FALSE(make_plan(options, ClockKind::tsc));
}

TEST(KeepFiltered, LeavesOutWhatTheLibraryLeavesOut) {
  const auto names_with = [](const char* filter) {
    PlanOptions options;
    options.probe_types = "kprobe-stepped,ftrace";
    options.benchmark_args = {std::string("--benchmark_filter=") + filter};
    auto plan = make_plan(options, ClockKind::instructions)->plan;
    return keep_filtered(plan) ? plan.cells.size() : 0U;
  };
  const auto all = names_with("all");
  EXPECT_GT(all, names_with("kprobe"));
  EXPECT_EQ(names_with("kprobe") + names_with("-kprobe"), all);
  EXPECT_EQ(names_with("nop$"), 0U) << "the library's names go on";
  EXPECT_EQ(names_with("^(ftrace|kprobe)"), all);
}

}  // namespace

TEST(MakePlan, AnArchitectureHasRowsOfItsOwn) {
  const auto names_on = [](std::vector<ArchId> archs) {
    PlanOptions options;
    options.probe_types = "kprobe-stepped";
    options.archs = std::move(archs);
    std::vector<std::string> names;
    const auto planned = make_plan(options, ClockKind::instructions);
    for (const auto& cell : planned->plan.cells) names.push_back(cell.name());
    return names;
  };
  const std::string mid = "kprobe-stepped/module/mid-step/nop/threads:1";
  const std::string entry = "kprobe-stepped/module/entry/nop/threads:1";
  EXPECT_EQ(names_on({ArchId::x86_64}), std::vector{mid});
  EXPECT_EQ(names_on({ArchId::arm64}), (std::vector{mid, entry}));
  EXPECT_EQ(names_on({ArchId::x86_64, ArchId::arm64}), (std::vector{mid, entry}));
}

TEST(MakePlan, FlagsOfTheLibraryAreKnownBeforeAnythingBoots) {
  const auto problem_with = [](const char* flag) {
    PlanOptions options;
    options.benchmark_args = {flag};
    const auto planned = make_plan(options, ClockKind::instructions);
    return planned ? std::string() : planned.error().message();
  };
  EXPECT_EQ(problem_with("--benchmark_filter=-kprobe.*(mid|entry)"), "");
  EXPECT_NE(problem_with("--benchmark_filter=[").find("no regular expression"), std::string::npos);
  EXPECT_NE(problem_with("--benchmark_filtr=x").find("did you mean --benchmark_filter?"), std::string::npos);
}

}  // namespace probebench::plan
