// SPDX-License-Identifier: MIT
#include "cost/keeper.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <set>
#include <thread>

#include "base/process.h"
#include "cost/tracefs_setup.h"
#include "kernel/keeper_process.h"

namespace probebench::cost {
namespace {

// For a tool to take its probes away itself.
constexpr std::chrono::seconds kWilling{3};
constexpr std::chrono::milliseconds kBetweenLooks{50};

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

// A number that is negated is a group that is gone: another may have its number.
std::set<pid_t> groups_at_the_end() {
  std::set<pid_t> groups;
  for (pid_t told = 0;;) {
    const auto got = ::read(STDIN_FILENO, &told, sizeof told);
    if (got == sizeof told && told > 0) groups.insert(told);
    if (got == sizeof told && told < 0) groups.erase(-told);
    if (got == 0 || (got < 0 && errno != EINTR)) return groups;
  }
}

[[noreturn]] void keep(const TracefsSnapshot& found, int life) {
  kernel::become_keeper(life);
  for (const auto group : groups_at_the_end()) end_group(group);
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
  return tell(group);
}

Status Keeper::forget_group(pid_t group) const {
  return tell(-group);
}

Status Keeper::tell(pid_t number) const {
  if (::write(life_.get(), &number, sizeof number) == sizeof number) return Done{};
  return errno_error(Fault::infra, "tell of a tool to the process that ends it");
}

}  // namespace probebench::cost
