// SPDX-License-Identifier: MIT
#include "session/native_target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/process.h"
#include "base/stop.h"
#include "base/text.h"
#include "kernels/cache.h"
#include "kernels/target_paths.h"
#include "kernels/users_kernel.h"
#include "model/noise_advice.h"
#include "modules/module_build.h"
#include "modules/module_sign.h"
#include "session/environment_checks.h"
#include "vm/vm_session.h"

namespace probebench::session {
namespace {

constexpr std::chrono::seconds kCleanUpDeadline{30};
constexpr int kPlanFd = 3;                    // of the agent
constexpr std::chrono::seconds kOtherRun{5};  // that ends just now

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

bool is_loaded() {
  std::error_code unreadable;
  return fs::exists("/sys/module/probebench", unreadable);
}

void add_module(const NativeModule& module, std::vector<std::string>& argv) {
  if (!module.file.empty()) {
    argv.insert(argv.end(), {"--module", module.file.string()});
  } else {
    argv.insert(argv.end(), {"--no-module", module.why, module.needs});
  }
}

Result<fs::path> signed_module(const kernels::Kernel& kernel, const fs::path& module,
                               const std::string& key) {
  const auto found = TRY(modules::signing_key(key));
  return modules::sign_module(kernel, module, found);
}

// The agent's keeper does it, also when the agent was killed.
void await_unloading() {
  static_cast<void>(poll_until(kCleanUpDeadline, std::chrono::milliseconds(20),
                               []() -> Result<bool> { return !is_loaded(); }));
}

}  // namespace

std::string native_warning(ArchId arch) {
  if (arch == ArchId::x86_64) return {};
  return fmt::format(
      "warning: --target native has not been tried on {} hardware: nobody has seen whether "
      "what it says there is right",
      info_of(arch).name);
}

Result<NativeSetup> set_up_native(const RunRequest& request, const ProjectPaths& project,
                                  kernels::Progress& progress) {
  const auto state = TRY(state_file());
  if (const auto warning = native_warning(kOwnArch); !warning.empty()) progress.note(warning);
  NativeSetup setup;
  setup.lock = TRY(NativeLock::take(kNativeLock, kOtherRun));
  const auto leftovers = TRY(put_back(state, project));
  for (const auto& one : leftovers) progress.note("put back what a killed run left: " + one);
  if (request.tune) {
    auto tuning = TRY(Tuning::apply(check_environment("/", loaded_bpf_programs()), state));
    setup.tuning = std::move(tuning);
    note_tuning(setup.tuning, progress);
    setup.awake = keep_awake(progress);
  }
  for (const auto& finding : check_environment("/", loaded_bpf_programs())) {
    if (request.strict) setup.unfit.push_back(finding.text());
    progress.note(fmt::format("warning: {}; {}", finding.text(), see_heading(finding.check->name)));
  }
  setup.watch.emplace();
  return setup;
}

Result<std::vector<std::string>> put_back_leftovers(const ProjectPaths& project) {
  const auto state = TRY(state_file());
  const auto lock = TRY(NativeLock::take(kNativeLock, kOtherRun));
  auto restored = TRY(put_back(state, project));
  const auto unloaded = TRY(run_command({.argv = {project.agent.string(), "--unload"}}, kCleanUpDeadline));
  const std::string said(first_line(unloaded.output));
  if (unloaded.exit_code != 0) return Error{Fault::infra, said, 0, {}};
  if (!said.empty()) restored.push_back(said);
  return restored;
}

bool lacks_module(const Plan& plan) {
  return !is_loaded() && std::ranges::any_of(plan.cells, [](const Cell& cell) {
    return info_of(cell.driver).needs == Capability::helper_module;
  });
}

std::string module_warning() {
  return fmt::format(
      "probebench.ko is loaded into the running kernel, Linux {}, until the run is over; the kernel stays "
      "marked as tainted (out-of-tree, unsigned) until it boots again",
      kernels::running_release());
}

Result<NativeModule> native_module(const RunRequest& request, const ProjectPaths& project,
                                   kernels::Progress& progress) {
  if (is_loaded()) {
    progress.note("probebench.ko is loaded already: it is used, and stays");
    return NativeModule{};
  }
  if (!request.load_module) {
    return NativeModule{{}, "the helper module is not loaded, and may not be", "--load-module, as root"};
  }
  // Before it is built, which may take minutes.
  if (::geteuid() != 0) return NativeModule{{}, "load the helper module: only root may", "root"};
  const auto kernel = kernels::running_kernel(kernels::running_release());
  if (kernel.headers.empty()) {
    return NativeModule{
        {},
        "build the helper module: " + kernel.note,
        fmt::format("the package linux-headers-{0} (Debian, Ubuntu) or kernel-devel-{0} (Fedora)",
                    kernel.release)};
  }
  const auto cache = TRY(kernels::default_cache());
  const auto built = modules::build_module(kernel, project.root / "kmod", cache, progress);
  if (!built && built.error().fault == Fault::interrupted) return built.error();
  if (!built) return NativeModule{{}, built.error().message(), "headers that a module can be built with"};
  auto file =
      TRY(request.sign.empty() ? Result(built->path) : signed_module(kernel, built->path, request.sign));
  progress.note(module_warning());
  return NativeModule{std::move(file), {}, {}};
}

Result<vm::VmOutcome> run_native(const NativeRequest& request, const vm::VmEvents& events) {
  vm::VmAttempt attempt;
  attempt.native = true;
  attempt.clock = ClockKind::tsc;
  const auto plan = TRY(memory_file("probebench-plan", events.plan_json(attempt.clock)));
  bool begun = false;
  vm::VmSession session;
  session.name = session.target = "the agent";
  session.command.argv = {request.agent.string(), "--plan", fmt::format("/proc/self/fd/{}", kPlanFd)};
  add_module(request.module, session.command.argv);
  if (!request.cpu_list.empty()) {
    session.command.argv.insert(session.command.argv.end(), {"--cpus", request.cpu_list});
  }
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
  const bool was_loaded = is_loaded();
  auto outcome = vm::run_session(session);
  if (!was_loaded) await_unloading();
  if (outcome) outcome->attempt = std::move(attempt);
  return outcome;
}

}  // namespace probebench::session
