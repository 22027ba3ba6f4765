// SPDX-License-Identifier: MIT
#include "cli/cost_command.h"

#include <gtest/gtest.h>

#include "plan/tracefs_line.h"
#include "refusal.h"

namespace probebench::cli {
namespace {

CostOptions options() {
  CostOptions options;
  options.workload = "pread";
  options.bpf_object = "my.bpf.o";
  return options;
}

TEST(CostOptions, MakeAPlan) {
  auto made = options();
  ASSERT_TRUE(take_options({}, made));
  ASSERT_TRUE(made.plan.experiment.cost);
  EXPECT_EQ(made.plan.experiment.cost->workload, WorkloadId::pread);
  EXPECT_EQ(made.plan.experiment.cost->source, ProbeSource::bpf_object);
  EXPECT_EQ(made.accel, "tcg") << "instructions are what is told";
}

TEST(CostOptions, TakeAProgramOfTheUsersForAnOperation) {
  auto made = options();
  made.workload = "./mine  -v 3";
  ASSERT_TRUE(take_options({}, made));
  EXPECT_EQ(made.plan.experiment.cost->workload, WorkloadId::command);
  EXPECT_EQ(made.plan.experiment.cost->program, (Arguments{"./mine", "-v", "3"}));
  made.anatomy = true;
  EXPECT_NE(refusal_of(made).find("not of a whole program"), std::string::npos);
}

TEST(CostOptions, LinesMayComeBeforeACommand) {
  CostOptions made;
  made.workload = "open-close";
  made.setup = {"kprobe_events=p:mine do_sys_openat2 name=+0(%si):string"};
  ASSERT_TRUE(take_options({"perf", "stat"}, made));
  const auto& plan = *made.plan.experiment.cost;
  EXPECT_EQ(plan.source, ProbeSource::command);
  EXPECT_EQ(plan.command, (Arguments{"perf", "stat"}));
  const std::vector<TracefsLine> lines{{"kprobe_events", "p:mine do_sys_openat2 name=+0(%si):string"}};
  EXPECT_EQ(plan.setup, lines) << "split at the first =";
}

TEST(CostOptions, RefuseWhatIsNoProbe) {
  auto none = options();
  none.bpf_object.clear();
  EXPECT_NE(refusal_of(none).find("nothing arms a probe"), std::string::npos);
  EXPECT_NE(refusal_of(options(), {"true"}).find("--bpf-object and --:"), std::string::npos);
  auto both = options();
  both.setup = {"kprobe_events=p:mine vfs_read"};
  EXPECT_NE(refusal_of(both).find("--bpf-object and --setup:"), std::string::npos);
}

TEST(CostOptions, RefuseWhatIsNoWorkload) {
  for (const auto* name : {"", "command", "preads", "no such thing"}) {
    auto wrong = options();
    wrong.workload = name;
    EXPECT_NE(refusal_of(wrong).find("--workload"), std::string::npos) << name;
  }
}

TEST(CostOptions, ASuiteSaysEverythingItself) {
  CostOptions suite;
  suite.suite = "recipes";
  EXPECT_EQ(refusal_of(suite), "none");
  EXPECT_NE(refusal_of(suite, {"true"}).find("--suite and -- CMD"), std::string::npos);
  suite.workload = "pread";
  EXPECT_NE(refusal_of(suite).find("--suite and --workload"), std::string::npos);
}

TEST(CostOptions, RefuseWhatIsNoLineOfTracefs) {
  EXPECT_TRUE(plan::tracefs_line_from("--setup", "events/kprobes/mine/enable=1"));
  for (const auto* text : {"", "=1", "tracing_on", "tracing_on=", "/etc/passwd=x", "../../../etc/passwd=x"}) {
    const auto line = plan::tracefs_line_from("--setup", text);
    ASSERT_FALSE(line) << text;
    EXPECT_NE(line.error().message().find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace probebench::cli
