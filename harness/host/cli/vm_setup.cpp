// SPDX-License-Identifier: MIT
#include "cli/vm_setup.h"

#include <algorithm>
#include <thread>

#include "plan/selection.h"
#include "vm/path_plugin.h"

namespace probebench {
namespace {

constexpr std::uint32_t kBootPatienceS = 10;
// A step of `reproduce` is a dozen workloads under one mechanism; on a busy machine that is minutes.
constexpr std::chrono::seconds kExperimentPatience{300};

// The parser has checked the words.
Accel accel_of(const std::string& word) {
  if (word == "kvm") return Accel::kvm;
  return word == "tcg" ? Accel::tcg : Accel::automatic;
}

ClockWish clock_of(const std::string& word) {
  if (word == "tsc") return ClockWish::tsc;
  return word == "instructions" ? ClockWish::instructions : ClockWish::automatic;
}

// A CPU for each thread, as far as the host has as many: more would take turns.
unsigned cpus_for(const PlanOptions& plan) {
  const auto threads = select_threads(plan.threads);
  const unsigned most = threads ? threads->back() : 1;
  return std::min(most, std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

ClockKind likely_clock(const Options& options) {
  const bool timed = options.clock == "tsc" || options.accel == "kvm" || options.target == "native";
  return timed ? ClockKind::tsc : ClockKind::instructions;
}

Result<TargetPaths> target_paths(const Options& options, const ProjectPaths& project) {
  const auto cache = default_cache();
  if (!cache) return cache.error();
  return TargetPaths{.project_root = project.root, .cache = *cache, .kernels_file = options.kernels_file};
}

Result<PreparedVm> prepare_target(const Options& options, const WishedTarget& wish,
                                  const ProjectPaths& project, ConsoleProgress& progress) {
  const auto paths = target_paths(options, project);
  if (!paths) return paths.error();
  VmRequest request;
  request.kernel = {.name = wish.kernel, .refresh = options.refresh};
  if (is_kernel_path(wish.kernel)) request.kernel.headers = options.headers;
  request.kernel_args = wish.kernel_args;
  request.accel = accel_of(options.accel);
  request.clock = clock_of(options.clock);
  request.cpus = cpus_for(options.plan);
  request.agent = project.agent;
  request.kmod_dir = project.root / "kmod";
  request.programs = options.programs;
  // The guest's clock may run slower than this machine's: a command that never ends is a guest that says
  // nothing.
  const std::chrono::seconds patience(options.plan.experiment.predict.timeout_s + kBootPatienceS);
  if (options.action == Action::reproduce) request.silence_deadline = kExperimentPatience;
  if (options.action == Action::predict)
    request.silence_deadline = std::max(request.silence_deadline, patience);
  if (options.action == Action::anatomy) {
    auto plugin = find_path_plugin(project.plugins);
    if (!plugin) return plugin.error();
    request.paths.plugin = *plugin;
  }
  auto vm = prepare_vm(request, *paths, progress);
  if (vm && !vm->kernel.note.empty()) progress.note("kernel " + vm->kernel.release + ": " + vm->kernel.note);
  return vm;
}

}  // namespace probebench
