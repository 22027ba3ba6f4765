// SPDX-License-Identifier: MIT
// Every way a guest can end, on a real kernel.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "vm/vm_target.h"
#include "wire/records.h"

namespace probebench {
namespace {

class Quiet : public kernels::Progress {
 public:
  void step(std::string_view) override {}
};

class VmFault : public testing::Test {
 protected:
  void SetUp() override {
    const auto cache = kernels::default_cache();
    ASSERT_TRUE(cache) << cache.error().message();
    paths_ = {PROBEBENCH_SOURCE_DIR, *cache};
    log_ = fs::temp_directory_path() / ("vm_fault." + std::to_string(::getpid()) + ".log");
  }
  void TearDown() override { fs::remove(log_); }

  Result<vm::VmOutcome> run(const std::string& fault) {
    vm::VmRequest request;
    request.accel = vm::Accel::tcg;
    request.agent = FAULT_AGENT;
    request.kmod_dir = paths_.project_root / "kmod";
    request.fresh_boot = fresh_boot_;
    request.guest_log = log_;
    request.silence_deadline = silence_deadline_;
    request.run_deadline = std::chrono::seconds(90);
    Quiet progress;
    auto vm = vm::prepare_vm(request, paths_, progress);
    if (!vm) return vm.error();
    const vm::VmEvents events{[&](ClockKind) { return fault; }, [](const vm::VmAttempt&) {},
                              [&](std::string_view line) {
                                lines_.emplace_back(line);
                                if (on_first_line_) on_first_line_();
                                return line.find("\"end\"") != std::string_view::npos;
                              }};
    return vm::run_vm(*vm, events, progress);
  }

  kernels::TargetPaths paths_;
  bool fresh_boot_ = false;  // a restored guest ends as one that was just booted does, and sooner
  std::chrono::seconds silence_deadline_{60};  // other guests may run beside this one
  fs::path log_;
  std::vector<std::string> lines_;
  std::function<void()> on_first_line_;
};

constexpr std::chrono::seconds kShort{12};  // for guests that are to be found silent

// The only child that this process has is QEMU.
pid_t only_child() {
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  pid_t pid = 0;
  children >> pid;
  return pid;
}

TEST_F(VmFault, FinishedGuest) {
  fresh_boot_ = true;
  const auto outcome = run("finish");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::finished);
  EXPECT_EQ(lines_.size(), 2u);
}

TEST_F(VmFault, Panic) {
  const auto outcome = run("panic");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::panicked);
  EXPECT_NE(outcome->detail.find("Kernel panic - not syncing"), std::string::npos) << outcome->detail;
  EXPECT_FALSE(outcome->last_log_lines.empty());
  ASSERT_EQ(lines_.size(), 1u);
  const auto record = wire::decode(lines_[0]);
  ASSERT_TRUE(record);
  EXPECT_EQ(std::get<wire::CellBegin>(*record).name, "in-flight");
}

TEST_F(VmFault, InitThatExits) {
  const auto outcome = run("exit");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::panicked);
  EXPECT_NE(outcome->detail.find("Attempted to kill init"), std::string::npos) << outcome->detail;
}

TEST_F(VmFault, Hang) {
  silence_deadline_ = kShort;
  const auto outcome = run("hang");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::hung);
  EXPECT_EQ(lines_.size(), 1u);
}

TEST_F(VmFault, Spin) {
  silence_deadline_ = kShort;
  const auto outcome = run("spin");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::hung);
}

TEST_F(VmFault, ResetWithoutTheLastRecord) {
  const auto outcome = run("reset");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::died);
}

TEST_F(VmFault, QemuKilled) {
  on_first_line_ = [] {
    const pid_t qemu = only_child();
    ASSERT_GT(qemu, 0);
    ::kill(qemu, SIGKILL);
  };
  const auto outcome = run("hang");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::died);
  EXPECT_EQ(outcome->qemu_exit, 128 + SIGKILL);
  EXPECT_EQ(lines_.size(), 1u);
}

}  // namespace
}  // namespace probebench
