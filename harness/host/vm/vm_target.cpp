// SPDX-License-Identifier: MIT
#include "vm/vm_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/quiet_cpu.h"
#include "kernels/kernel_headers.h"
#include "kernels/users_kernel.h"
#include "modules/module_build.h"
#include "vm/carried_disk.h"
#include "vm/confined_qemu.h"
#include "vm/initramfs.h"
#include "vm/qemu.h"
#include "vm/saved_boot.h"
#include "vm/vcpu_threads.h"
#include "vm/vm_session.h"

namespace probebench::vm {
namespace {

struct KernelAndModule {
  kernels::Kernel kernel;
  modules::BuiltModule module;
};

// `auto` prefers a kernel with fprobe; when this machine's compiler cannot build for it, the stock one does.
Result<KernelAndModule> stock_instead(const kernels::Kernel& preferred, const Error& failure,
                                      const VmRequest& request, const kernels::TargetPaths& paths,
                                      kernels::Progress& progress) {
  auto stock =
      kernels::provide_kernel({"stock", {}, request.kernel.refresh, request.kernel.arch}, paths, progress);
  if (!stock || stock->release == preferred.release) return failure;
  stock->note = fmt::format("{}: {}", preferred.release, failure.what);
  progress.step(fmt::format("using the stock kernel {}, because {}", stock->release, failure.message()));
  auto module = TRY(modules::build_module(*stock, request.kmod_dir, paths.cache, progress));
  return KernelAndModule{std::move(*stock), std::move(module)};
}

Result<KernelAndModule> kernel_and_module(const VmRequest& request, const kernels::TargetPaths& paths,
                                          kernels::Progress& progress) {
  auto kernel = TRY(kernels::provide_kernel(request.kernel, paths, progress));
  if (kernel.headers.empty()) return KernelAndModule{std::move(kernel), {}};
  auto module = modules::build_module(kernel, request.kmod_dir, paths.cache, progress);
  if (module) return KernelAndModule{std::move(kernel), std::move(*module)};
  if (request.kernel.name != "auto" || module.error().fault != Fault::infra) return module.error();
  return stock_instead(kernel, module.error(), request, paths, progress);
}

const char* boot_of(const kernels::Kernel& kernel) {
  if (kernel.arch == ArchId::arm64) return "image";
  return kernel.pvh ? "pvh" : "bzimage";
}

std::map<std::string, std::string> facts_of(const KernelAndModule& made, const std::string& qemu) {
  std::map<std::string, std::string> facts{{"qemu.version", qemu},
                                           {"kernel.name", made.kernel.name},
                                           {"kernel.release", made.kernel.release},
                                           {"kernel.boot", boot_of(made.kernel)},
                                           {"host.kernel", kernels::running_release()}};
  if (!made.module.path.empty()) {
    facts["module.sha256"] = made.module.sha256;
    facts["module.btf"] = made.module.btf;
    facts["compiler.version"] = made.module.compiler;
  }
  if (!made.kernel.package_version.empty()) facts["kernel.package_version"] = made.kernel.package_version;
  const auto config =
      made.kernel.config.empty() ? Result<std::string>(Error{}) : read_file(made.kernel.config);
  const auto preemption = config ? kernels::preemption_of(*config) : std::string();
  if (!preemption.empty()) facts["kernel.preemption"] = preemption;
  if (config) facts["kernel.options"] = kernels::cost_options_of(*config);
  if (!made.kernel.note.empty()) facts["kernel_note"] = made.kernel.note;
  return facts;
}

std::map<std::string, std::string> facts_of(const QemuSetup& setup, const Confinement& confinement) {
  auto facts = qemu_facts(setup);
  facts["qemu.confinement"] = text_of(confinement);
  return facts;
}

AccelKey key_of(const PreparedVm& vm) {
  return {vm.facts.at("host.kernel"), vm.facts.at("qemu.version"), vm.kernel.release};
}

Status check_wishes(const VmRequest& request) {
  if (request.kernel.arch != kOwnArch && request.accel == Accel::kvm) {
    return Error{Fault::usage,
                 fmt::format("--accel kvm: this machine is {}, and does not run {}", info_of(kOwnArch).name,
                             info_of(request.kernel.arch).name),
                 0, "use --accel tcg"};
  }
  if (request.accel != Accel::kvm || request.clock != ClockWish::instructions) return Done{};
  return Error{Fault::usage, "--clock instructions does not go with --accel kvm: only emulation counts them",
               0, "use --accel tcg, or --clock tsc"};
}

ClockKind clock_of(const VmRequest& request, bool kvm) {
  if (kvm) return ClockKind::tsc;
  return request.clock == ClockWish::tsc ? ClockKind::emulated_time : ClockKind::instructions;
}

// Why KVM is not worth a try; nothing when it is.
std::optional<std::string> kvm_obstacle(const PreparedVm& vm) {
  if (vm.kernel.arch != kOwnArch) return fmt::format("KVM runs only {} here", info_of(kOwnArch).name);
  if (::access(kKvmDevice, F_OK) != 0) return "this host has no /dev/kvm";
  if (::access(kKvmDevice, R_OK | W_OK) != 0) return "/dev/kvm may not be used by this user";
  const auto refusal = kvm_refusal(vm.cache, key_of(vm));
  if (!refusal) return std::nullopt;
  return fmt::format("KVM failed here before ({}); --accel kvm tries it again", *refusal);
}

VmSession session_for(const PreparedVm& vm, const VmAttempt& attempt, const VmEvents& events) {
  const auto& request = vm.request;
  VmSession session;
  session.guest_log = fs::absolute(request.guest_log);
  session.records_fd = kRecordsFd;
  session.log_fd = kLogFd;
  // Who asks for KVM wants it, however long it takes; else there is emulation.
  const bool impatient = attempt.kvm && request.accel == Accel::automatic;
  session.first_line_deadline = impatient ? request.kvm_hello_deadline : request.silence_deadline;
  session.silence_deadline = request.silence_deadline;
  session.record_deadline = std::max(session.record_deadline, 2 * request.silence_deadline);
  session.run_deadline = request.run_deadline;
  session.on_line = [&events, &attempt, started = false](std::string_view line) mutable {
    if (!started) events.on_start(attempt);
    started = true;
    return events.on_line(line);
  };
  return session;
}

// Before KVM was tried nobody knows whether there is one.
Status check_cpu_goes_with(bool kvm, const std::string& cpu) {
  if (kvm || cpu_name(cpu) != "host") return Done{};
  return Error{Fault::usage, "--cpu host: only KVM has this machine's own CPU", 0,
               "name a model that QEMU emulates: qemu-system-x86_64 -cpu help"};
}

// The guest unpacks the archive into half of what memory the archive leaves. One of the usual size fits as it
// is. What is on a disk it reads once, and keeps.
int memory_for(int memory_mb, std::size_t archive_bytes, std::uint64_t disk_bytes) {
  constexpr std::size_t kUsualMb = 32;
  const auto archive_mb = archive_bytes >> 20;
  const auto for_archive = archive_mb <= kUsualMb ? 0 : 3 * static_cast<int>(archive_mb);
  return memory_mb + for_archive + static_cast<int>((disk_bytes + disk_bytes / 4) >> 20);
}

// One start of QEMU, and what it was made of.
struct Boot {
  VmAttempt attempt;
  QemuSetup setup;
  std::string initramfs;
  std::optional<SavedBoot> saved;   // nothing: it boots
  std::optional<CarriedDisk> disk;  // nothing: the archive has it all
  Cpus quiet;  // of this host's, for the guest's; empty: QEMU is on its own, or may be anywhere
};

// A restored guest reads its files byte by byte, which takes longer than a boot where they are large.
bool are_small(const std::vector<GuestProgram>& files) {
  constexpr std::uintmax_t kMost = 8 << 20;
  std::uintmax_t bytes = 0;
  for (const auto& file : files) {
    std::error_code failure;
    bytes += fs::file_size(file.source, failure);
    if (failure) return false;
  }
  return bytes <= kMost;
}

// Only where instructions are counted is a restored guest known to be as good as one that was booted.
bool may_be_restored(const VmRequest& request, const VmAttempt& attempt) {
  return !request.fresh_boot && counts_instructions(attempt.clock) && are_small(request.files);
}

// Without a plan it is the one of a guest that is restored, which gets plan and files later.
InitramfsContents contents_of(const PreparedVm& vm, std::optional<std::string> plan) {
  const auto& request = vm.request;
  auto files = plan ? request.files : std::vector<GuestProgram>();
  return {request.agent,    vm.module,          std::move(plan), request.programs,
          std::move(files), request.agent_root, vm.kernel.arch};
}

Result<std::string> initramfs_of(const PreparedVm& vm, std::optional<std::string> plan,
                                 bool on_disk = false) {
  return make_initramfs(contents_of(vm, std::move(plan)), on_disk);
}

// For what is too much for an archive.
Result<std::optional<CarriedDisk>> disk_for(const PreparedVm& vm, VmAttempt& attempt,
                                            kernels::Progress& progress) {
  std::optional<CarriedDisk> none;
  if (vm.request.programs.empty() && vm.request.files.empty()) return none;
  const auto files = TRY(guest_files(contents_of(vm, std::string())));
  const auto bytes = TRY(bytes_of(files.users));
  const auto choice = choose_disk(bytes, vm.kernel);
  if (!choice.why_not.empty()) {
    attempt.facts["guest.not_on_disk"] = choice.why_not;
    progress.note(choice.why_not);
  }
  if (!choice.on_disk) return none;
  return std::optional(TRY(make_carried_disk(files.users, bytes, vm.cache, progress)));
}

QemuSetup setup_for(const VmRequest& request, const VmAttempt& attempt, std::size_t archive_bytes,
                    const std::optional<CarriedDisk>& disk = {}) {
  return {.arch = request.kernel.arch,
          .kvm = attempt.kvm,
          .clock = attempt.clock,
          .cpu = request.cpu,
          .memory_mb = memory_for(request.memory_mb, archive_bytes, disk ? disk->bytes : 0),
          .kernel_args = request.kernel_args,
          .cpus = request.cpus,
          .paths = request.paths,
          .disk = disk.has_value()};
}

// A guest that waits for its plan, if there can be one.
Result<std::optional<SavedBoot>> restored(const PreparedVm& vm, Boot& boot, kernels::Progress& progress) {
  boot.initramfs = TRY(initramfs_of(vm, std::nullopt));
  boot.setup = setup_for(vm.request, boot.attempt, boot.initramfs.size());
  boot.setup.start = Start::restore;
  auto saved = provide_saved_boot({.cache = vm.cache,
                                   .kernel = vm.kernel.image,
                                   .kernel_sha256 = vm.kernel.image_sha256,
                                   .initramfs = boot.initramfs,
                                   .setup = boot.setup,
                                   .qemu_version = vm.facts.at("qemu.version"),
                                   .deadline = vm.request.silence_deadline},
                                  progress);
  if (saved) return std::optional(*std::move(saved));
  if (saved.error().fault == Fault::interrupted) return saved.error();
  boot.attempt.facts["guest.not_restored"] = saved.error().message();
  return std::optional<SavedBoot>();
}

void note_cpus(const Cpus& cpus, const std::string& why, VmAttempt& attempt) {
  attempt.facts["cpu.measured"] = fmt::format("{}", fmt::join(cpus, ","));
  attempt.facts["cpu.chosen"] = why;
}

void keep_on_quiet_cpus(Boot& boot, pid_t qemu) {
  if (keep_vcpus_on(boot.quiet, vcpu_threads(qemu))) note_cpus(boot.quiet, "the quietest", boot.attempt);
}

Result<VmOutcome> run_boot(const PreparedVm& vm, Boot& boot, const VmEvents& events) {
  const auto& request = vm.request;
  const auto plan = events.plan_json(boot.attempt.clock);
  if (!boot.saved) {
    boot.initramfs = TRY(initramfs_of(vm, plan, boot.disk.has_value()));
    boot.setup = setup_for(request, boot.attempt, boot.initramfs.size(), boot.disk);
  }
  auto files = TRY(QemuFiles::open(vm.kernel.image, boot.initramfs, request.paths));
  if (boot.disk) files.add_disk(std::move(boot.disk->image));
  if (boot.saved) {
    const auto archive = TRY(make_file_archive(request.files));
    TRY(files.add_state(std::move(boot.saved->state), plan, archive));
  }
  auto session = session_for(vm, boot.attempt, events);
  if (boot.saved) session.earlier_log = boot.saved->console;
  session.command = {qemu_command(boot.setup), {}, {}, files.passed(), confinement_of(boot.setup)};
  if (!boot.quiet.empty()) session.on_first_line = [&](pid_t qemu) { keep_on_quiet_cpus(boot, qemu); };
  auto facts = facts_of(boot.setup, *session.command.confinement);
  facts.merge(boot.attempt.facts);  // those of an earlier start give way
  boot.attempt.facts = std::move(facts);
  auto outcome = run_session(session);
  if (outcome) outcome->attempt = boot.attempt;
  return outcome;
}

constexpr std::chrono::milliseconds kCpusWatched{500};

// A CPU for each of the guest's, which QEMU's threads inherit: isolated, or of those that were named.
Result<std::optional<QuietCpu>> own_cpus(const VmRequest& request, VmAttempt& attempt) {
  const bool isolated = request.cpus == 1 && !isolated_cpus().empty();
  if (!attempt.kvm || (request.cpu_list.empty() && !isolated)) return std::optional<QuietCpu>();
  auto own = QuietCpu::stay(request.cpu_list, kCpusWatched, request.cpus);
  if (!own && !request.cpu_list.empty()) return own.take_error();
  if (!own) return std::optional<QuietCpu>();
  note_cpus(own->cpus(), own->why(), attempt);
  return std::optional(*std::move(own));
}

// Where neither is, the guest's CPUs alone get one each: the threads that serve it run beside them.
Cpus quiet_cpus(const VmRequest& request, const VmAttempt& attempt) {
  if (!attempt.kvm) return {};
  const auto cpus = quietest_cpus(request.cpus, kCpusWatched);
  return cpus && cpus->size() == request.cpus ? *cpus : Cpus();
}

VmAttempt attempt_for(const PreparedVm& vm, bool kvm, const std::string& accel_note) {
  const auto& request = vm.request;
  VmAttempt attempt{.kvm = kvm, .clock = clock_of(request, kvm), .facts = vm.facts};
  if (!accel_note.empty()) attempt.facts["accel_note"] = accel_note;
  if (!request.kernel_args.empty()) attempt.facts["kernel.extra_args"] = request.kernel_args;
  if (!request.cpu.empty()) attempt.facts["qemu.requested_cpu"] = request.cpu;
  return attempt;
}

Result<VmOutcome> boot(const PreparedVm& vm, bool kvm, const std::string& accel_note, const VmEvents& events,
                       kernels::Progress& progress) {
  TRY(check_cpu_goes_with(kvm, vm.request.cpu));
  Boot start{.attempt = attempt_for(vm, kvm, accel_note),
             .setup = {},
             .initramfs = {},
             .saved = {},
             .disk = {},
             .quiet = {}};
  std::optional<RunSlots::Held> turn;
  if (events.slots != nullptr) {
    const bool exact = counts_instructions(start.attempt.clock);
    turn = TRY(exact ? events.slots->take_one() : events.slots->take_all());
  }
  const auto own = TRY(own_cpus(vm.request, start.attempt));
  if (!own) start.quiet = quiet_cpus(vm.request, start.attempt);
  start.disk = TRY(disk_for(vm, start.attempt, progress));
  if (start.disk || !may_be_restored(vm.request, start.attempt)) return run_boot(vm, start, events);
  start.saved = TRY(restored(vm, start, progress));
  auto outcome = run_boot(vm, start, events);
  if (!start.saved || !outcome || outcome->spoke) return outcome;
  // A state that this QEMU cannot use; the next run makes a new one.
  TRY(forget_saved_boot(vm.cache, start.saved->key));
  start.attempt.facts["guest.not_restored"] = outcome->detail;
  start.saved.reset();
  return run_boot(vm, start, events);
}

Result<VmOutcome> run_emulated(const PreparedVm& vm, const std::string& accel_note, const VmEvents& events,
                               const std::string& kvm_failure, kernels::Progress& progress) {
  auto outcome = boot(vm, false, accel_note, events, progress);
  // Only when the same guest does run under emulation was it KVM's fault.
  if (outcome && outcome->spoke && !kvm_failure.empty()) {
    TRY(remember_kvm_refusal(vm.cache, key_of(vm), kvm_failure));
  }
  return outcome;
}

Result<VmOutcome> run_with_kvm(const PreparedVm& vm, const VmEvents& events, kernels::Progress& progress) {
  auto outcome = boot(vm, true, {}, events, progress);
  if (!outcome) return outcome;
  if (outcome->spoke) {
    TRY(forget_kvm_refusal(vm.cache, key_of(vm)));
    return outcome;
  }
  const std::string why = outcome->detail;
  if (vm.request.accel == Accel::kvm) {
    return Error{Fault::infra, "run the guest with KVM: " + why, 0, "use --accel tcg"};
  }
  const std::string note = "KVM does not run a kernel here: " + why;
  progress.note(note + "; using emulation");
  // A host that is busy now is no host whose KVM does not work.
  const bool late = outcome->end == VmOutcome::End::hung;
  return run_emulated(vm, note, events, late ? std::string() : why, progress);
}

}  // namespace

bool counts_for_sure(const PreparedVm& vm) {
  const auto& request = vm.request;
  if (request.clock == ClockWish::tsc || request.accel == Accel::kvm) return false;
  if (request.clock == ClockWish::instructions || request.accel == Accel::tcg) return true;
  return kvm_obstacle(vm).has_value();
}

Result<PreparedVm> prepare_vm(const VmRequest& request, const kernels::TargetPaths& paths,
                              kernels::Progress& progress) {
  TRY(check_wishes(request));
  const auto qemu = TRY(qemu_version(request.kernel.arch));
  TRY(check_cpu(request.cpu, request.kernel.arch));
  auto made = TRY(kernel_and_module(request, paths, progress));
  auto facts = facts_of(made, qemu);
  return PreparedVm{request, std::move(made.kernel), std::move(made.module.path), paths.cache,
                    std::move(facts)};
}

Result<VmOutcome> run_vm(const PreparedVm& vm, const VmEvents& events, kernels::Progress& progress) {
  const auto& request = vm.request;
  if (request.accel == Accel::kvm) return run_with_kvm(vm, events, progress);
  if (request.accel == Accel::tcg) return run_emulated(vm, {}, events, {}, progress);
  if (request.clock == ClockWish::instructions) return run_emulated(vm, {}, events, {}, progress);
  if (const auto obstacle = kvm_obstacle(vm)) {
    progress.note(*obstacle + "; using emulation");
    return run_emulated(vm, *obstacle, events, {}, progress);
  }
  return run_with_kvm(vm, events, progress);
}

}  // namespace probebench::vm
