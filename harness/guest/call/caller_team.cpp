// SPDX-License-Identifier: MIT
#include "call/caller_team.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "kernel/arch.h"

namespace probebench::call {
namespace {

// False: the thread may not run there.
bool keep_on(std::jthread& thread, std::uint32_t cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(cpu, &only);
  return ::pthread_setaffinity_np(thread.native_handle(), sizeof only, &only) == 0;
}

}  // namespace

Result<std::unique_ptr<CallerTeam>> CallerTeam::make(std::uint32_t threads) {
  TRY(stay_on_this_cpu());
  std::unique_ptr<CallerTeam> team(new CallerTeam);
  while (team->size() < threads) {
    if (team->add_worker()) continue;
    const auto cpus = team->size();
    return Error{Fault::unsupported,
                 fmt::format("{} threads at once need as many CPUs, this target has {}", threads, cpus), 0,
                 cpus > 1 ? fmt::format("--threads {} or fewer", cpus) : "--threads 1"};
  }
  if (auto counters = kernel::ThreadCounters::open(); counters && threads == 1)
    team->counters_ = std::move(*counters);
  return team;
}

// The workers are joined here, while what they wait on still stands.
CallerTeam::~CallerTeam() {
  end_workers();
  workers_.clear();
}

void CallerTeam::end_workers() {
  ends_ = true;
  ++turn_;
  turn_.notify_all();
}

// The affinity that a new thread inherits is that of this one; which other CPUs there are is tried.
bool CallerTeam::add_worker() {
  const auto own = static_cast<std::uint32_t>(::sched_getcpu());
  const auto cpus = static_cast<std::uint32_t>(::sysconf(_SC_NPROCESSORS_CONF));
  std::jthread worker([this, index = size()] { work(index); });
  bool kept = false;
  while (!kept && next_cpu_ < cpus) {
    const auto cpu = next_cpu_++;
    kept = cpu != own && keep_on(worker, cpu);
  }
  if (kept) {
    workers_.push_back(std::move(worker));
    return true;
  }
  end_workers();  // also those before it: the team is not going to be made
  return false;
}

void CallerTeam::begin_together() {
  ++ready_;
  while (ready_ < size()) kernel::relax_cpu();
}

void CallerTeam::work(std::size_t index) {
  for (std::uint32_t turn = 0;;) {
    turn_.wait(turn);
    turn = turn_;
    if (ends_) return;
    begin_together();
    part_(index);
    if (++finished_ == workers_.size()) finished_.notify_one();
  }
}

void CallerTeam::run(const std::function<void(std::size_t)>& part) {
  part_ = part;
  ready_ = 0;
  finished_ = 0;
  ++turn_;
  turn_.notify_all();
  begin_together();
  part_(0);
  for (auto finished = finished_.load(); finished != workers_.size(); finished = finished_) {
    finished_.wait(finished);
  }
}

std::optional<kernel::ThreadCounters::Reading> CallerTeam::run_counted(
    const std::function<void(std::size_t)>& part) {
  const auto before = counters_ ? counters_->read() : std::nullopt;
  run(part);
  const auto after = counters_ ? counters_->read() : std::nullopt;
  if (!before || !after) return std::nullopt;
  return kernel::ThreadCounters::Reading{after->cycles - before->cycles,
                                         after->instructions - before->instructions};
}

Window CallerTeam::time_calls(UserFunction function, std::uint32_t calls, bool marked) {
  std::vector<TimedLoop> loops(size());
  const auto counted =
      run_counted([&](std::size_t index) { loops[index] = time_loop(function, calls, marked); });
  auto window = joined(loops);
  kernel::put_counts(counted, window);
  return window;
}

}  // namespace probebench::call
