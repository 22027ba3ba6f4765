// SPDX-License-Identifier: MIT
#include "session/native_target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/process.h"
#include "base/text.h"
#include "kernels/cache.h"
#include "kernels/target_paths.h"
#include "model/noise_advice.h"
#include "session/environment_checks.h"
#include "vm/vm_session.h"

namespace probebench::session {
namespace {

constexpr std::chrono::seconds kCleanUpDeadline{30};
constexpr int kPlanFd = 3;  // of the agent

// In the cache, not with a run's results: the next run has to find it wherever its own go.
Result<fs::path> state_file() {
  const auto cache = kernels::default_cache();
  if (!cache) return cache.error();
  TRY(kernels::open_cache(*cache));
  return *cache / "tuned-settings";
}

void note_tuning(const Tuning& tuning, kernels::Progress& progress) {
  for (const auto& change : tuning.changed()) progress.note("tuned until the run is over: " + change);
  for (const auto& refusal : tuning.refusals()) {
    progress.note(fmt::format("warning: cannot tune {}; {}", refusal, see(NoiseAdvice::cannot_tune)));
  }
}

// The kernel keeps every CPU out of sleep that takes time to wake from while somebody holds this open, and
// forgets it when the process ends, however it ends (Documentation/power/pm_qos_interface.rst).
UniqueFd keep_awake(kernels::Progress& progress) {
  constexpr const char* kLatency = "/dev/cpu_dma_latency";
  constexpr std::int32_t kNone = 0;
  UniqueFd latency(::open(kLatency, O_WRONLY | O_CLOEXEC));
  if (!latency && errno == ENOENT) return latency;  // this kernel has no such sleep to be kept from
  if (latency && ::write(latency.get(), &kNone, sizeof kNone) == sizeof kNone) {
    progress.note("tuned until the run is over: c-states: none");
    return latency;
  }
  progress.note(fmt::format("warning: cannot tune c-states: {}: {}; {}", kLatency, std::strerror(errno),
                            see(NoiseAdvice::cannot_tune)));
  return UniqueFd();
}

// Settings that we see ourselves, and what tracefs has, which the agent sees.
Result<std::vector<std::string>> put_back(const fs::path& state, const ProjectPaths& project) {
  auto restored = restore_leftovers(state);
  if (!restored) return restored;
  const auto cleaned = TRY(run_command({.argv = {project.agent.string(), "--clean-up"}}, kCleanUpDeadline));
  for (const auto line : split(cleaned.output, '\n')) {
    if (!line.empty()) restored->push_back("tracefs " + std::string(line));
  }
  return restored;
}

}  // namespace

Result<NativeSetup> set_up_native(const RunRequest& request, const ProjectPaths& project,
                                  kernels::Progress& progress) {
  const auto state = TRY(state_file());
  const auto leftovers = TRY(put_back(state, project));
  for (const auto& one : leftovers) progress.note("put back what a killed run left: " + one);
  NativeSetup setup;
  if (request.tune) {
    auto tuning = TRY(Tuning::apply(check_environment(), state));
    setup.tuning = std::move(tuning);
    note_tuning(setup.tuning, progress);
    setup.awake = keep_awake(progress);
  }
  for (const auto& finding : check_environment()) {
    if (request.strict) setup.unfit.push_back(finding.text());
    progress.note(fmt::format("warning: {}; {}", finding.text(), see_heading(finding.check->name)));
  }
  setup.watch.emplace();
  return setup;
}

Result<std::vector<std::string>> put_back_leftovers(const ProjectPaths& project) {
  const auto state = TRY(state_file());
  return put_back(state, project);
}

Result<vm::VmOutcome> run_native(const NativeRequest& request, const vm::VmEvents& events) {
  vm::VmAttempt attempt;
  attempt.native = true;
  attempt.clock = ClockKind::tsc;
  const auto plan = TRY(memory_file("probebench-plan", events.plan_json(attempt.clock)));
  bool begun = false;
  vm::VmSession session;
  session.name = "the agent";
  session.command.argv = {request.agent.string(), "--plan", fmt::format("/proc/self/fd/{}", kPlanFd)};
  session.command.passed = {{plan.get(), kPlanFd}};
  session.guest_log = request.agent_log;
  session.first_line_deadline = request.silence_deadline;
  session.silence_deadline = request.silence_deadline;
  session.record_deadline = std::max(session.record_deadline, 2 * request.silence_deadline);
  session.run_deadline = request.run_deadline;
  session.on_line = [&](std::string_view line) {
    if (!begun) events.on_start(attempt);
    begun = true;
    return events.on_line(line);
  };
  auto outcome = vm::run_session(session);
  if (outcome) outcome->attempt = std::move(attempt);
  return outcome;
}

}  // namespace probebench::session
