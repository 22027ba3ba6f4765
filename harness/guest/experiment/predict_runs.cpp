// SPDX-License-Identifier: MIT
#include "experiment/predict_runs.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <thread>

#include "kernel/arch.h"
#include "workload/users_command.h"

namespace probebench::experiment {

// The keeper of the helper module is a process of ours.
Status PredictRuns::alone() {
  if (plan_.process != 0) return Done{};
  const auto ours = workload::children();
  for (std::uint32_t i = 0; i < plan_.runs; ++i) {
    step("alone", i);
    const auto begin = kernel::begin_clock();
    TRY(run_command({}));
    told_.base.push_back(static_cast<double>(kernel::end_clock() - begin));
    told_.outlived = std::max(told_.outlived, workload::end_orphans(ours));
  }
  return Done{};
}

// A tool that arms probes is a process of ours, and outlives each run.
Status PredictRuns::counted(const std::function<Status()>& begin, const std::function<Status()>& end,
                            const workload::Prepare& prepare) {
  const auto ours = workload::children();
  for (std::uint32_t i = 0; i < plan_.runs; ++i) {
    step("counted", i);
    TRY(begin());
    TRY(plan_.process != 0 ? watch_process() : run_command(prepare));
    TRY(end());
    told_.outlived = std::max(told_.outlived, workload::end_orphans(ours));
  }
  return Done{};
}

// A sign of life as well: a run may take as long as it takes.
void PredictRuns::step(const char* how, std::uint32_t index) const {
  const auto what = plan_.process != 0 ? fmt::format("process {}", plan_.process) : plan_.command.front();
  context_.tell(ExperimentStep{fmt::format("{}, {} ({} of {})", what, how, index + 1, plan_.runs)});
}

Status PredictRuns::run_command(const workload::Prepare& prepare) const {
  return workload::run_command(plan_.command, std::chrono::seconds(plan_.timeout_s), prepare);
}

Status PredictRuns::watch_process() {
  const auto begin = kernel::begin_clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(plan_.window_ms));
  told_.base.push_back(static_cast<double>(kernel::end_clock() - begin));
  if (::kill(plan_.process, 0) == 0 || errno == EPERM) return Done{};
  return Error{Fault::cell, fmt::format("process {} ended while it was watched", plan_.process), 0, {}};
}

}  // namespace probebench::experiment
