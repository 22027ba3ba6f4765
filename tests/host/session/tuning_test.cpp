// SPDX-License-Identifier: MIT
// Environment checks and --tune on made-up trees; nothing of this machine is read or changed.
#include "session/tuning.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "session/environment_checks.h"
#include "session/run_watch.h"

namespace probebench::session {
namespace {

class Tree : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("tune_test." + std::to_string(::getpid()));
    state_ = root_ / "state";
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void put(const std::string& path, std::string_view content) {
    fs::create_directories((root_ / path).parent_path());
    ASSERT_TRUE(write_file_atomic(root_ / path, content));
  }
  std::string get(const std::string& path) { return *read_file(root_ / path); }

  fs::path root_;
  fs::path state_;
};

TEST_F(Tree, NothingThereIsNoFinding) {
  EXPECT_TRUE(check_environment(root_).empty());
}

TEST_F(Tree, FindsWhatIsNotAsWantedOnEveryCpu) {
  put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
  put("proc/sys/kernel/nmi_watchdog", "0\n");
  put("proc/loadavg", "3.10 2.00 1.00 1/100 42\n");
  const auto findings = check_environment(root_);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].text(), "governor: powersave, wanted performance: the clock rate follows the load");
  EXPECT_EQ(findings[1].check->name, "load");
}

TEST_F(Tree, DebugKernelsAndForeignProbesAreFound) {
  put("proc/lockdep", "all lock classes:\n");
  put("sys/kernel/debug/kprobes/list", "ffffffff81000000  k  schedule+0x0\n");
  EXPECT_EQ(check_environment(root_).size(), 2u);
}

TEST_F(Tree, PressureIsThatOfTheLastTenSeconds) {
  put("proc/pressure/cpu", "some avg10=4.99 avg60=89.51 avg300=93.37 total=4296531796\n");
  EXPECT_TRUE(check_environment(root_).empty());
  put("proc/pressure/cpu", "some avg10=5.00 avg60=0.00 avg300=0.00 total=4296531796\n");
  EXPECT_EQ(check_environment(root_).front().check->name, "pressure");
}

TEST_F(Tree, HugePagesAreTheChosenWord) {
  put("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  EXPECT_TRUE(check_environment(root_).empty());
  put("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
  EXPECT_EQ(check_environment(root_).front().check->name, "huge-pages");
}

TEST_F(Tree, StolenTimeIsAShareOfTheRun) {
  put("proc/stat", "cpu  100 0 100 800 0 0 0 50 0 0\ncpu0 1 2 3\n");
  const RunWatch watch(root_);
  EXPECT_TRUE(watch.warnings().empty());
  put("proc/stat", "cpu  150 0 100 845 0 0 0 54 0 0\n");  // 4 of 99
  ASSERT_EQ(watch.warnings().size(), 1u);
  EXPECT_TRUE(watch.warnings()[0].starts_with("steal: 4.0 % of the CPU time of this run"))
      << watch.warnings()[0];
  put("proc/stat", "cpu  1100 0 100 800 0 0 0 50 0 0\n");
  EXPECT_TRUE(watch.warnings().empty());
}

// A plain file is read at once, so one record stands for all.
TEST_F(Tree, NewWarningsOfTheKernelAreTold) {
  put("dev/kmsg", "");
  const RunWatch watch(root_);
  put("dev/kmsg", "6,100,200,-;probebench: an ordinary message\n");
  EXPECT_TRUE(watch.warnings().empty());
  put("dev/kmsg", "4,101,200,-;perf: interrupt took too long\n SUBSYSTEM=x\n");
  ASSERT_EQ(watch.warnings().size(), 1u);
  EXPECT_NE(watch.warnings()[0].find("the last: perf: interrupt took too long"), std::string::npos);
}

TEST_F(Tree, TunesAndRestores) {
  put("proc/sys/kernel/nmi_watchdog", "1");
  put("proc/sys/kernel/bpf_stats_enabled", "1");
  put("sys/devices/system/cpu/smt/active", "1");
  {
    const auto tuning = Tuning::apply(check_environment(root_), state_);
    ASSERT_TRUE(tuning);
    EXPECT_EQ(tuning->changed().size(), 2u);
    EXPECT_EQ(get("proc/sys/kernel/nmi_watchdog"), "0");
    EXPECT_EQ(get("sys/devices/system/cpu/smt/active"), "1") << "not tunable";
    EXPECT_TRUE(fs::exists(state_));
  }
  EXPECT_EQ(get("proc/sys/kernel/nmi_watchdog"), "1");
  EXPECT_EQ(get("proc/sys/kernel/bpf_stats_enabled"), "1");
  EXPECT_FALSE(fs::exists(state_));
}

TEST_F(Tree, ChangesNothingWhenTheOriginalsCannotBeKept) {
  put("proc/sys/kernel/nmi_watchdog", "1");
  const auto tuning = Tuning::apply(check_environment(root_), root_ / "no/such/directory/state");
  ASSERT_FALSE(tuning);
  EXPECT_EQ(get("proc/sys/kernel/nmi_watchdog"), "1");
}

// A child tunes and is killed: no destructor runs.
TEST_F(Tree, PutsBackWhatAKilledRunLeft) {
  put("proc/sys/kernel/nmi_watchdog", "1");
  const pid_t child = ::fork();
  if (child == 0) {
    auto tuning = Tuning::apply(check_environment(root_), state_);
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(get("proc/sys/kernel/nmi_watchdog"), "0");
  const auto restored = restore_leftovers(state_, root_);
  ASSERT_TRUE(restored) << restored.error().message();
  EXPECT_EQ(restored->size(), 1u);
  EXPECT_EQ(get("proc/sys/kernel/nmi_watchdog"), "1");
  EXPECT_FALSE(fs::exists(state_));
}

// The file lies in the cache, and root acts on it.
TEST_F(Tree, PutsBackNothingButWhatItTunes) {
  put("proc/sys/kernel/nmi_watchdog", "0");
  put("etc/cron.d/job", "0");
  put("sys/devices/system/cpu/smt/active", "0");
  for (const std::string path :
       {"etc/cron.d/job", "sys/devices/system/cpu/smt/active", "proc/sys/kernel/../kernel/x",
        "sys/devices/system/cpu/../cpufreq/scaling_governor", "", "nowhere"}) {
    const auto watchdog = (root_ / "proc/sys/kernel/nmi_watchdog").string();
    put("state", "1 1\n" + watchdog + "\t1\n" + (root_ / path).string() + "\t1\n");
    const auto restored = restore_leftovers(state_, root_);
    ASSERT_FALSE(restored) << path;
    EXPECT_NE(
        restored.error().message().find((root_ / path).string() + " is nothing that --tune changes; remove"),
        std::string::npos);
    EXPECT_EQ(get("etc/cron.d/job"), "0");
    EXPECT_EQ(get("sys/devices/system/cpu/smt/active"), "0");
    EXPECT_EQ(get("proc/sys/kernel/nmi_watchdog"), "0");
    EXPECT_TRUE(fs::exists(state_));
  }
  EXPECT_TRUE(is_tunable("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  EXPECT_FALSE(is_tunable("/etc/passwd"));
  EXPECT_FALSE(is_tunable("proc/sys/kernel/nmi_watchdog"));
}

TEST_F(Tree, LeavesARunningOwnerAlone) {
  put("proc/sys/kernel/nmi_watchdog", "1");
  const auto tuning = Tuning::apply(check_environment(root_), state_);
  ASSERT_TRUE(tuning);
  const auto restored = restore_leftovers(state_, root_);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().err, EBUSY);
  EXPECT_EQ(get("proc/sys/kernel/nmi_watchdog"), "0");
}

TEST_F(Tree, NothingLeftIsNothingToDo) {
  const auto restored = restore_leftovers(state_, root_);
  ASSERT_TRUE(restored);
  EXPECT_TRUE(restored->empty());
}

}  // namespace
}  // namespace probebench::session
