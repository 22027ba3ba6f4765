// SPDX-License-Identifier: MIT
#include "session/vm_setup.h"

#include <algorithm>
#include <thread>

#include "plan/selection.h"
#include "vm/qemu.h"

namespace probebench::session {
namespace {

// A CPU for each thread, as far as the host has as many: more would take turns.
unsigned cpus_for(const plan::PlanOptions& plan) {
  const auto threads = plan::select_threads(plan.threads);
  const unsigned most = threads ? threads->back() : 1;
  return std::min(most, std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

Result<kernels::TargetPaths> target_paths(const RunRequest& run, const ProjectPaths& project) {
  const auto cache = TRY(kernels::default_cache());
  return kernels::TargetPaths{.project_root = project.root, .cache = cache, .kernels_file = run.kernels_file};
}

Result<vm::PreparedVm> prepare_target(const RunRequest& run, const RequestedTarget& target,
                                      const ProjectPaths& project, kernels::Progress& progress) {
  const auto paths = TRY(target_paths(run, project));
  vm::VmRequest request;
  request.kernel = {.name = target.kernel, .refresh = run.refresh};
  if (kernels::is_kernel_path(target.kernel)) request.kernel.headers = run.headers;
  request.kernel_args = target.kernel_args;
  request.cpu = target.cpu;
  request.accel = run.accel;
  request.clock = run.clock;
  request.cpus = cpus_for(run.plan);
  request.agent = project.agent;
  request.kmod_dir = project.root / "kmod";
  request.programs = run.programs;
  request.silence_deadline = run.silence_deadline;
  if (run.records_paths) {
    request.paths.plugin = TRY(vm::find_path_plugin(project.plugins));
  }
  auto vm = vm::prepare_vm(request, paths, progress);
  if (vm && !vm->kernel.note.empty()) progress.note("kernel " + vm->kernel.release + ": " + vm->kernel.note);
  return vm;
}

}  // namespace probebench::session
