// SPDX-License-Identifier: MIT
#include "vm/qemu_monitor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "vm/guest_text.h"

namespace probebench::vm {
namespace {

constexpr const char* kGreeting = R"({"QMP": {"version": {}, "capabilities": []}})";
constexpr const char* kGood = R"({"return": {}})";

// Answers each command with the next line, and keeps what it was asked. Events come in between, as QEMU's do.
class FakeMonitor {
 public:
  FakeMonitor(UniqueFd fd, std::vector<std::string> answers) {
    thread_ = std::thread([this, fd = std::move(fd), answers = std::move(answers)] {
      put(fd.get(), kGreeting);
      for (const auto& answer : answers) {
        std::array<char, 4096> buffer;
        const auto got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        asked_.push_back(nlohmann::json::parse(std::string(buffer.data(), static_cast<std::size_t>(got))));
        put(fd.get(), R"({"event": "STOP", "data": {}})");
        put(fd.get(), answer);
      }
    });
  }
  ~FakeMonitor() {
    if (thread_.joinable()) thread_.join();
  }

  std::vector<std::string> asked() {
    thread_.join();
    std::vector<std::string> names;
    for (const auto& command : asked_) names.push_back(command["execute"]);
    return names;
  }

 private:
  static void put(int fd, const std::string& line) {
    const auto text = line + "\r\n";
    EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }

  std::vector<nlohmann::json> asked_;
  std::thread thread_;
};

TEST(Monitor, SavesAndEndsQemu) {
  auto ends = *monitor_ends();
  FakeMonitor qemu(std::move(ends.qemus), {kGood, kGood, kGood, kGood, R"({"return": {"status": "active"}})",
                                           R"({"return": {"status": "completed"}})", kGood});
  ASSERT_TRUE(save_and_quit(ends.ours.get(), STDERR_FILENO).ok());
  EXPECT_EQ(qemu.asked(), (std::vector<std::string>{"qmp_capabilities", "getfd", "migrate-set-parameters",
                                                    "migrate", "query-migrate", "query-migrate", "quit"}));
}

TEST(Monitor, WhatQemuRefusesIsSaid) {
  auto ends = *monitor_ends();
  const FakeMonitor qemu(std::move(ends.qemus), {kGood, R"({"error": {"desc": "no such fd"}})"});
  const auto status = save_and_quit(ends.ours.get(), STDERR_FILENO);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), R"(save the booted guest: getfd: {"desc":"no such fd"})");
}

TEST(Monitor, AFailedMigrationIsSaid) {
  auto ends = *monitor_ends();
  const FakeMonitor qemu(
      std::move(ends.qemus),
      {kGood, kGood, kGood, kGood, R"({"return": {"status": "failed", "error-desc": "disk full"}})"});
  EXPECT_EQ(save_and_quit(ends.ours.get(), STDERR_FILENO).error().message(),
            "save the booted guest: disk full");
}

TEST(Monitor, AQemuThatGoesIsNotWaitedFor) {
  auto ends = *monitor_ends();
  const FakeMonitor qemu(std::move(ends.qemus), {kGood});
  EXPECT_FALSE(save_and_quit(ends.ours.get(), STDERR_FILENO).ok());
}

TEST(Monitor, WhatIsNoJsonIsSaid) {
  auto ends = *monitor_ends();
  const FakeMonitor qemu(std::move(ends.qemus), {"QEMU 7.2 monitor - type 'help'"});
  EXPECT_EQ(save_and_quit(ends.ours.get(), STDERR_FILENO).error().message(),
            "save the booted guest: QEMU's monitor does not speak JSON");
}

}  // namespace
}  // namespace probebench::vm
