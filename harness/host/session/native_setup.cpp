// SPDX-License-Identifier: MIT
#include "session/native_setup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/process.h"
#include "base/split.h"
#include "kernels/cache.h"
#include "kernels/target_paths.h"
#include "model/noise_advice.h"
#include "session/environment_checks.h"

namespace probebench::session {
namespace {

constexpr std::chrono::seconds kCleanUpDeadline{30};

// In the cache, not with a run's results: the next run has to find it wherever its own go.
Result<fs::path> state_file() {
  const auto cache = kernels::default_cache();
  if (!cache) return cache.error();
  if (auto status = kernels::open_cache(*cache); !status) return status.error();
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
  const auto cleaned = run_command({.argv = {project.agent.string(), "--clean-up"}}, kCleanUpDeadline);
  if (!cleaned) return cleaned.error();
  for (const auto line : split(cleaned->output, '\n')) {
    if (!line.empty()) restored->push_back("tracefs " + std::string(line));
  }
  return restored;
}

}  // namespace

Result<NativeSetup> set_up_native(const RunRequest& request, const ProjectPaths& project,
                                  kernels::Progress& progress) {
  const auto state = state_file();
  if (!state) return state.error();
  const auto leftovers = put_back(*state, project);
  if (!leftovers) return leftovers.error();
  for (const auto& one : *leftovers) progress.note("put back what a killed run left: " + one);
  NativeSetup setup;
  if (request.tune) {
    auto tuning = Tuning::apply(check_environment(), *state);
    if (!tuning) return tuning.error();
    setup.tuning = std::move(*tuning);
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
  const auto state = state_file();
  if (!state) return state.error();
  return put_back(*state, project);
}

}  // namespace probebench::session
