// SPDX-License-Identifier: MIT
#include "cli/predict_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "refusal.h"

namespace probebench::cli {
namespace {

PredictOptions of_own_object() {
  PredictOptions options;
  options.bpf_object = "my.bpf.o";
  options.workload = "pread";
  return options;
}

PredictOptions of_probe() {
  PredictOptions options;
  options.probes = {"uprobe:libc:malloc"};
  return options;
}

TEST(PredictOptions, OfOnesOwnProbeAskItsCostToo) {
  auto made = of_own_object();
  ASSERT_TRUE(take_options({"./mine"}, made));
  ASSERT_TRUE(made.plan.experiment.cost);
  EXPECT_EQ(made.plan.experiment.cost->source, ProbeSource::bpf_object);
  EXPECT_EQ(made.plan.experiment.cost->workload, WorkloadId::pread);
  EXPECT_TRUE(made.plan.experiment.predict.own_probe);
  EXPECT_EQ(made.clock, "instructions");
  PredictOptions script;
  script.bpftrace = "kprobe:vfs_read { @ = count(); }";
  script.workload = "pread";
  ASSERT_TRUE(take_options({"./mine"}, script));
  EXPECT_EQ(script.plan.experiment.cost->command, (Arguments{"bpftrace", "-e", script.bpftrace}));
}

TEST(PredictOptions, OfAProcessAreNative) {
  auto made = of_probe();
  made.process = ::getpid();
  made.window_s = 0.5;
  ASSERT_TRUE(take_options({}, made));
  EXPECT_EQ(made.target, "native");
  EXPECT_EQ(made.plan.experiment.predict.process, ::getpid());
  EXPECT_EQ(made.plan.experiment.predict.window_ms, 500u);
}

TEST(PredictOptions, RefuseWhatDoesNotGoTogether) {
  EXPECT_NE(refusal_of(PredictOptions(), {"true"}).find("--probe is missing"), std::string::npos);
  EXPECT_NE(refusal_of(of_probe()).find("the command is missing"), std::string::npos);
  auto both = of_own_object();
  both.probes = {"kprobe:vfs_read"};
  EXPECT_NE(refusal_of(both, {"true"}).find("one kind of probe at a time"), std::string::npos);
  auto without = of_own_object();
  without.workload.clear();
  EXPECT_NE(refusal_of(without, {"true"}).find("--workload is missing"), std::string::npos);
  auto with = of_probe();
  with.workload = "pread";
  EXPECT_NE(refusal_of(with, {"true"}).find("goes with --bpf-object and -e"), std::string::npos);
  auto native = of_own_object();
  native.target = "native";
  EXPECT_NE(refusal_of(native, {"true"}).find("in a virtual machine alone"), std::string::npos);
  auto nobody = of_probe();
  nobody.process = 99999999;
  EXPECT_NE(refusal_of(nobody).find("there is no such process"), std::string::npos);
  auto process = of_probe();
  process.process = ::getpid();
  EXPECT_NE(refusal_of(process, {"true"}).find("one of them is asked about"), std::string::npos);
  process.target = "vm";
  EXPECT_NE(refusal_of(process).find("runs on this kernel"), std::string::npos);
  auto suite = of_probe();
  suite.suite = "q.toml";
  EXPECT_NE(refusal_of(suite).find("--suite and --probe"), std::string::npos);
}

}  // namespace
}  // namespace probebench::cli
