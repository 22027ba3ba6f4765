// SPDX-License-Identifier: MIT
#include "session/vm_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/file.h"
#include "kernels/users_kernel.h"
#include "modules/module_build.h"
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

// Built for the target's kernel, or checked to be so.
Result<fs::path> users_module(const fs::path& file, const kernels::Kernel& kernel, const fs::path& cache,
                              kernels::Progress& progress) {
  if (file.extension() == ".c") {
    return TRY(modules::build_users_module(kernel, file, cache, progress)).path;
  }
  const auto content = TRY(read_file(file));
  if (modules::is_module_for(content, kernel.release)) return file;
  return Error{Fault::usage,
               "load " + file.string() + ": it was built for another kernel than " + kernel.release, 0,
               "name its source, and it is built for each kernel"};
}

// Attaching to all functions is one system call, in which nothing else runs: minutes on a busy host.
std::chrono::seconds silence_of(const RunRequest& run) {
  constexpr std::chrono::seconds kToAttachAll{300};
  const auto types = plan::select_probe_types(run.plan.probe_types);
  const bool among_all =
      types && std::ranges::any_of(*types, [](ProbeType type) { return info_of(type).among_all; });
  return among_all && !run.deadline_given ? kToAttachAll : run.silence_deadline;
}

Status check_agent(const ProjectPaths& project, ArchId arch) {
  std::error_code none;
  const auto agent = project.agent_for(arch);
  if (arch == kOwnArch || fs::exists(agent, none)) return Done{};
  return Error{Fault::infra, fmt::format("find the agent for {}: {}", info_of(arch).name, agent.string()),
               ENOENT, project.way_to_agent(arch)};
}

Status carry_module(const RunRequest& run, vm::PreparedVm& vm, kernels::Progress& progress) {
  if (run.users_module.empty()) return Done{};
  auto file = TRY(users_module(run.users_module, vm.kernel, vm.cache, progress));
  vm.request.files.push_back({std::move(file), vm::place_of_probe(run.users_module, ".ko")});
  return Done{};
}

}  // namespace

Result<kernels::TargetPaths> target_paths(const RunRequest& run, const ProjectPaths& project) {
  const auto cache = TRY(kernels::default_cache());
  return kernels::TargetPaths{.project_root = project.root,
                              .cache = cache,
                              .kernels_file = run.kernels_file,
                              .kernel_cache = run.kernel_cache};
}

Result<vm::PreparedVm> prepare_target(const RunRequest& run, const RequestedTarget& target,
                                      const ProjectPaths& project, kernels::Progress& progress) {
  const auto paths = TRY(target_paths(run, project));
  vm::VmRequest request;
  request.kernel = {.name = target.kernel, .refresh = run.refresh, .arch = target.arch};
  if (kernels::is_kernel_path(target.kernel)) request.kernel.headers = run.headers;
  request.kernel_args = target.kernel_args;
  request.cpu = target.cpu;
  request.accel = run.accel;
  request.clock = run.clock;
  request.cpus = cpus_for(run.plan);
  request.cpu_list = run.cpu_list;
  request.agent = project.agent_for(target.arch);
  request.agent_root = project.root_of_agent(target.arch);
  TRY(check_agent(project, target.arch));
  request.kmod_dir = project.root / "kmod";
  request.programs = run.programs;
  request.files = run.files;
  request.silence_deadline = silence_of(run);
  if (run.deadline_given) request.kvm_hello_deadline = run.silence_deadline;
  request.fresh_boot = run.fresh_boot;
  if (run.records_paths) {
    request.paths.plugin = TRY(vm::find_path_plugin(project.plugins, target.arch));
  }
  auto vm = vm::prepare_vm(request, paths, progress);
  if (vm) TRY(carry_module(run, *vm, progress));
  if (vm && !vm->kernel.note.empty()) progress.note("kernel " + vm->kernel.release + ": " + vm->kernel.note);
  return vm;
}

}  // namespace probebench::session
