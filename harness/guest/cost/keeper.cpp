// SPDX-License-Identifier: MIT
#include "cost/keeper.h"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "base/process.h"
#include "cost/tracefs_setup.h"

namespace probebench::cost {
namespace {

// For a tool to take its probes away itself.
constexpr std::chrono::seconds kWilling{3};
constexpr std::chrono::milliseconds kBetweenLooks{50};

void ignore_stops() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(number, SIG_IGN);
}

void end_group(pid_t group) {
  const auto is_gone = [group] { return ::kill(-group, 0) != 0 && errno == ESRCH; };
  ::kill(-group, SIGCONT);
  ::kill(-group, SIGINT);
  const auto until = std::chrono::steady_clock::now() + kWilling;
  while (!is_gone() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kBetweenLooks);
  ::kill(-group, SIGKILL);
  while (!is_gone() && std::chrono::steady_clock::now() < until + kWilling) {
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

// Standard error stays: who waits for the end of what we say there waits until everything is put back.
[[noreturn]] void keep(const TracefsSnapshot& found, int life) {
  ::setsid();
  ignore_stops();
  ::dup2(life, STDIN_FILENO);
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  std::vector<pid_t> groups;
  for (pid_t group = 0;;) {
    const auto got = ::read(STDIN_FILENO, &group, sizeof group);
    if (got == sizeof group) groups.push_back(group);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
  }
  for (const auto group : groups) end_group(group);
  const auto status = found.restore();
  if (!status) std::fprintf(stderr, "probebench-agent: %s\n", status.error().message().c_str());
  ::_exit(status ? 0 : 1);
}

}  // namespace

Result<Keeper> Keeper::start() {
  auto life = TRY(make_pipe());
  const auto found = TracefsSnapshot::take();
  const auto pid = ::fork();
  if (pid < 0) return errno_error(Fault::infra, "start the process that puts tracefs back");
  if (pid == 0) {
    life.write_end.reset();
    keep(found, life.read_end.get());
  }
  return Keeper(std::move(life.write_end));
}

Status Keeper::take_group(pid_t group) const {
  if (::write(life_.get(), &group, sizeof group) == sizeof group) return Done{};
  return errno_error(Fault::infra, "tell of a tool to the process that ends it");
}

}  // namespace probebench::cost
