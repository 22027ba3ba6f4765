// SPDX-License-Identifier: MIT
#include "vm/qemu_monitor.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstring>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "vm/guest_text.h"

namespace probebench::vm {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::chrono::seconds kSaveDeadline{30};
constexpr std::chrono::milliseconds kAskAgain{5};
constexpr std::size_t kLongestAnswer = 1 << 20;
// The default of 128 MiB/s is for networks.
constexpr std::int64_t kBytesPerSecond = std::int64_t{1} << 40;

Error failed(const std::string& what) {
  return {Fault::infra, "save the booted guest: " + what, 0, {}};
}

// One conversation. Every step shares its deadline.
class Conversation {
 public:
  explicit Conversation(int fd) : fd_(fd), until_(Clock::now() + kSaveDeadline) {}

  // QEMU's greeting, and what it wants to hear before any command.
  Status begin() {
    TRY(next_line());
    TRY(ask("qmp_capabilities"));
    return Done{};
  }

  // What `command` returns. `passed` goes along, for getfd.
  Result<json> ask(const char* command, const json& arguments = json::object(), int passed = -1) {
    TRY(send(json{{"execute", command}, {"arguments", arguments}}.dump() + "\n", passed));
    for (;;) {
      const auto answer = json::parse(TRY(next_line()), nullptr, false);
      if (!answer.is_object()) return failed("QEMU's monitor does not speak JSON");
      if (answer.contains("return")) return answer["return"];
      if (answer.contains("error")) return failed(std::string(command) + ": " + answer["error"].dump());
    }  // else it is an event
  }

  bool late() const { return Clock::now() > until_; }

 private:
  Status send(const std::string& text, int passed) {
    iovec bytes{const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    if (passed >= 0) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      auto* const header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof passed);
      std::memcpy(CMSG_DATA(header), &passed, sizeof passed);
    }
    const auto sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(text.size())) return Done{};
    return errno_error(Fault::infra, "ask QEMU's monitor");
  }

  Result<std::string> next_line() {
    while (lines_.empty()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now()).count();
      pollfd ready{fd_, POLLIN, 0};
      if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) <= 0) return failed("QEMU does not answer");
      std::array<char, 4096> buffer;
      const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (got <= 0) return failed("QEMU is gone");
      for (auto& line : splitter_.feed({buffer.data(), static_cast<std::size_t>(got)})) {
        lines_.push_back(std::move(line));
      }
    }
    auto line = std::move(lines_.front());
    lines_.pop_front();
    return line;
  }

  int fd_;
  Clock::time_point until_;
  LineSplitter splitter_{kLongestAnswer};
  std::deque<std::string> lines_;
};

Status wait_until_saved(Conversation& qemu) {
  for (;;) {
    const auto told = TRY(qemu.ask("query-migrate"));
    const auto status = told.value("status", "none");
    if (status == "completed") return Done{};
    if (status == "failed") return failed(told.value("error-desc", "the migration failed"));
    if (qemu.late()) return failed("it is not done in time");
    std::this_thread::sleep_for(kAskAgain);
  }
}

}  // namespace

Result<MonitorEnds> monitor_ends() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    return errno_error(Fault::infra, "make a socket for QEMU's monitor");
  }
  return MonitorEnds{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Status save_and_quit(int monitor, int state) {
  Conversation qemu(monitor);
  TRY(qemu.begin());
  TRY(qemu.ask("getfd", {{"fdname", "state"}}, state));
  TRY(qemu.ask("migrate-set-parameters", {{"max-bandwidth", kBytesPerSecond}}));
  TRY(qemu.ask("migrate", {{"uri", "fd:state"}}));
  TRY(wait_until_saved(qemu));
  TRY(qemu.ask("quit"));
  return Done{};
}

}  // namespace probebench::vm
