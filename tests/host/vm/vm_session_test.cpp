// SPDX-License-Identifier: MIT
// A shell script stands in for QEMU: records on its standard output, the console in a file.
#include "vm/vm_session.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "kernels_fixture.h"

namespace probebench::vm {
namespace {

using End = VmOutcome::End;
using std::chrono::seconds;

class Session : public ::testing::Test {
 protected:
  // `script` sees the console log's path as $1.
  VmOutcome run(const std::string& script, seconds silence = seconds(20), seconds first = seconds(20)) {
    return run_with(script, silence, first, [](VmSession&) {});
  }

  template <typename Change>
  VmOutcome run_with(const std::string& script, seconds silence, seconds first, Change change) {
    const auto log = directory_.path() / "guest.log";
    VmSession session{{{"sh", "-c", script, "sh", log.string()}},
                      log,
                      first,
                      silence,
                      seconds(20),
                      [this](std::string_view line) {
                        lines_.emplace_back(line);
                        return line == "end";
                      }};
    change(session);
    auto end = run_session(session);
    EXPECT_TRUE(end) << end.error().message();
    return end ? *end : VmOutcome{};
  }

  TemporaryDirectory directory_;
  std::vector<std::string> lines_;
};

TEST_F(Session, FinishesWithTheLastRecord) {
  const auto end = run("echo hello; echo end");
  EXPECT_EQ(end.end, End::finished);
  EXPECT_TRUE(end.spoke);
  EXPECT_EQ(lines_, (std::vector<std::string>{"hello", "end"}));
  EXPECT_TRUE(end.last_log_lines.empty());
}

TEST_F(Session, ItsProcessIsToldOnceBeforeTheFirstLine) {
  std::vector<pid_t> told;
  const auto tell = [&](VmSession& session) {
    session.on_first_line = [&](pid_t pid) {
      EXPECT_TRUE(lines_.empty());
      told.push_back(pid);
    };
  };
  const auto end = run_with("echo $$; echo hello; echo end", seconds(20), seconds(20), tell);
  EXPECT_EQ(end.end, End::finished);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(lines_.front(), std::to_string(told.front()));
}

TEST_F(Session, AQemuThatStaysAfterTheLastRecordIsEnded) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run("echo end; exec sleep 60").end, End::finished);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(15));
}

TEST_F(Session, ACutLastLineIsDropped) {
  const auto end = run("echo hello; printf '{\"cut'");
  EXPECT_EQ(end.end, End::died);
  EXPECT_EQ(lines_, std::vector<std::string>{"hello"});
  EXPECT_NE(end.detail.find("before its last record"), std::string::npos);
}

TEST_F(Session, APanicIsSeenInTheLog) {
  const std::string panic = "echo '[1.0] Kernel panic - not syncing: Oops' >> \"$1\"; ";
  for (const char* then : {"exit 0", "exec sleep 60"}) {
    const auto end = run("echo hello; " + panic + then);
    EXPECT_EQ(end.end, End::panicked) << then;
    EXPECT_EQ(end.detail, "[1.0] Kernel panic - not syncing: Oops");
    EXPECT_EQ(end.last_log_lines.size(), 1u);
  }
}

TEST_F(Session, SilenceIsAHang) {
  const auto end = run("echo hello; exec sleep 60", seconds(1));
  EXPECT_EQ(end.end, End::hung);
  EXPECT_EQ(end.detail, "no sign of life for 1 s");
  EXPECT_TRUE(end.spoke);
}

TEST_F(Session, SilenceBeforeTheFirstRecordHasADeadlineOfItsOwn) {
  const auto end = run("exec sleep 60", seconds(20), seconds(1));
  EXPECT_EQ(end.end, End::hung);
  EXPECT_EQ(end.detail, "no record, and nothing on its console for 1 s");
  EXPECT_FALSE(end.spoke);
}

TEST_F(Session, SilenceWhileOthersHaveTheCpusIsNoHang) {
  const auto begin = std::chrono::steady_clock::now();
  const auto always = [&](VmSession& session) {
    session.waited = [&](pid_t) { return std::chrono::steady_clock::now() - begin; };
  };
  const auto end = run_with("sleep 3; echo hello; sleep 3; echo end", seconds(1), seconds(1), always);
  EXPECT_EQ(end.end, End::finished) << end.detail;
}

TEST_F(Session, AConsoleThatTalksIsWaitedFor) {
  const auto end =
      run("for i in 1 2 3 4 5 6 7 8 9; do echo x >> \"$1\"; sleep 0.3; done; echo hello; echo end",
          seconds(20), seconds(1));
  EXPECT_EQ(end.end, End::finished) << end.detail;
}

TEST_F(Session, AConsoleThatOnlyTalksIsAHang) {
  const auto limit = [](VmSession& session) { session.record_deadline = seconds(1); };
  const auto end = run_with("while :; do echo x >> \"$1\"; sleep 0.1; done", seconds(20), seconds(20), limit);
  EXPECT_EQ(end.end, End::hung);
  EXPECT_EQ(end.detail, "no record for 1 s");
  EXPECT_FALSE(end.spoke);
}

TEST_F(Session, ARecordWithoutEndTakesABoundedPartOfMemory) {
  const auto limit = [](VmSession& session) { session.longest_record = 1000; };
  const auto end = run_with("echo hello; head -c 50000000 /dev/zero | tr '\\0' A; echo; echo end",
                            seconds(20), seconds(20), limit);
  EXPECT_EQ(end.end, End::finished);
  ASSERT_EQ(lines_.size(), 3U);
  EXPECT_EQ(lines_[1], std::string(1001, 'A'));
}

TEST_F(Session, AConsoleWithoutEndIsAFlood) {
  const auto limit = [](VmSession& session) { session.longest_log = 8 << 20; };
  const auto end = run_with("echo hello; exec yes '[1.0] flood' >> \"$1\"", seconds(20), seconds(20), limit);
  EXPECT_EQ(end.end, End::flooded);
  EXPECT_EQ(end.detail, "more than 8 MiB");
  EXPECT_EQ(end.last_log_lines.back(), "[1.0] flood");
}

TEST_F(Session, AConsoleThatTalksIsNoProgress) {
  const auto limit = [](VmSession& session) { session.record_deadline = seconds(1); };
  const auto end =
      run_with("echo hello; while :; do echo x >> \"$1\"; sleep 0.1; done", seconds(20), seconds(20), limit);
  EXPECT_EQ(end.end, End::hung);
  EXPECT_EQ(end.detail, "no record for 1 s");
}

TEST_F(Session, QemusOwnMessageIsTheDetail) {
  const auto end = run("echo 'qemu: failed to set MSR' >&2; echo more >&2; exit 1");
  EXPECT_EQ(end.end, End::died);
  EXPECT_EQ(end.detail, "qemu: failed to set MSR");
  EXPECT_EQ(end.qemu_exit, 1);
}

TEST_F(Session, AKilledQemuIsNamed) {
  const auto end = run("echo hello; kill -9 $$");
  EXPECT_EQ(end.end, End::died);
  EXPECT_EQ(end.qemu_exit, 128 + SIGKILL);
  EXPECT_EQ(end.detail, "QEMU was ended by signal 9");
}

// As QEMU does: what it prints is no record then.
TEST_F(Session, RecordsAndTheLogMayComeByOtherDescriptors) {
  const auto by_number = [](VmSession& session) {
    session.records_fd = 5;
    session.log_fd = 4;
  };
  const auto end =
      run_with("echo hello >&5; echo end; echo '[1.0] Kernel panic - not syncing: A' >&4; exit 0",
               seconds(20), seconds(20), by_number);
  EXPECT_EQ(end.end, End::panicked);
  EXPECT_EQ(end.detail, "[1.0] Kernel panic - not syncing: A");
  EXPECT_EQ(lines_, std::vector<std::string>{"hello"});
}

TEST_F(Session, AProgramThatCannotStartIsAnError) {
  const VmSession session{
      {{"/no/qemu"}}, directory_.path() / "guest.log", seconds(1), seconds(1), seconds(1), {}};
  const auto end = run_session(session);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().err, ENOENT);
}

}  // namespace

}  // namespace probebench::vm
