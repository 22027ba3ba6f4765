// SPDX-License-Identifier: MIT
#include "vm/qemu.h"

#include <fmt/format.h>

#include <chrono>

#include "base/lines.h"
#include "base/process.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kVersionDeadline{30};
constexpr const char* kMachine = "pc";  // boots faster than q35 and microvm
// Each instruction takes one virtual nanosecond, and an idle guest costs no time.
constexpr const char* kInstructionCount = "shift=0,sleep=off";
// Its standard output, a pipe to us. Not by /dev/stdout, which a careless program can have replaced by a
// file.
constexpr const char* kRecords = "file,id=records,path=/proc/self/fd/1";
// The guest runs code of the kernel under test: whoever gets out of it finds a process that can start nothing
// and gain nothing (qemu(1), -sandbox).
constexpr const char* kSandbox = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

// Under KVM the model is the host's own; `max` is all that emulation can do.
const char* cpu_model(const QemuSetup& setup) {
  return setup.kvm ? "host" : "max";
}

// Where instructions are counted CPUs would take turns.
unsigned cpus_of(const QemuSetup& setup) {
  return counts_instructions(setup.clock) ? 1 : setup.cpus;
}

}  // namespace

// QEMU reads `a,,b` as `a,b` inside an option.
std::string escape_for_qemu(const std::string& value) {
  std::string text;
  for (const char c : value) text += c == ',' ? std::string(",,") : std::string(1, c);
  return text;
}

std::string guest_command_line(const QemuSetup& setup) {
  // 115200 because the console waits for every character it prints; loglevel 7 then costs 0.1 s of the boot
  // and leaves a log worth reading. A panic resets the machine at once, which ends QEMU (-no-reboot).
  std::string line =
      "console=ttyS0,115200 loglevel=7 oops=panic panic=-1 reboot=t cryptomgr.notests tsc=reliable";
  // Calibrating the local APIC timer alone takes two emulated seconds; under KVM it is the best timer.
  if (!setup.kvm) line += " nolapic_timer";
  if (!setup.kernel_args.empty()) line += " " + setup.kernel_args;
  return line;
}

std::vector<std::string> qemu_command(const QemuSetup& setup) {
  std::vector<std::string> argv{kQemu,
                                "-nodefaults",
                                "-no-user-config",
                                "-no-reboot",
                                "-sandbox",
                                kSandbox,
                                "-display",
                                "none",
                                "-machine",
                                fmt::format("{},accel={}", kMachine, setup.kvm ? "kvm" : "tcg"),
                                "-cpu",
                                cpu_model(setup),
                                "-smp",
                                std::to_string(cpus_of(setup)),
                                "-m",
                                std::to_string(setup.memory_mb),
                                "-kernel",
                                setup.kernel.string(),
                                "-initrd",
                                setup.initrd,
                                "-append",
                                guest_command_line(setup),
                                "-chardev",
                                "file,id=log,path=" + escape_for_qemu(setup.guest_log.string()),
                                "-serial",
                                "chardev:log",
                                "-chardev",
                                kRecords,
                                "-serial",
                                "chardev:records"};
  const auto add = [&](std::initializer_list<const char*> more) {
    argv.insert(argv.end(), more.begin(), more.end());
  };
  // With a fixed date and seed two boots execute the same instructions.
  if (!setup.kvm) add({"-rtc", "base=2024-01-01,clock=vm", "-seed", "1"});
  if (counts_instructions(setup.clock)) add({"-icount", kInstructionCount});
  if (!setup.paths.plugin.empty()) {
    argv.insert(argv.end(), {"-plugin", fmt::format("{},out={}", escape_for_qemu(setup.paths.plugin.string()),
                                                    escape_for_qemu(setup.paths.output.string()))});
  }
  return argv;
}

std::map<std::string, std::string> qemu_facts(const QemuSetup& setup) {
  std::map<std::string, std::string> facts{
      {"qemu.accel", setup.kvm ? "kvm" : "tcg"},
      {"qemu.cpu_model", cpu_model(setup)},
      {"qemu.icount", counts_instructions(setup.clock) ? kInstructionCount : "off"},
      {"qemu.machine", kMachine},
      {"qemu.cpus", std::to_string(cpus_of(setup))},
      {"qemu.memory_mb", std::to_string(setup.memory_mb)},
      {"kernel.cmdline", guest_command_line(setup)}};
  if (!setup.paths.plugin.empty()) facts["qemu.plugin"] = setup.paths.plugin.stem();
  return facts;
}

Result<std::string> qemu_version() {
  constexpr const char* kInstall = "apt-get install qemu-system-x86";
  if (!program_exists(kQemu)) return Error{Fault::infra, std::string(kQemu) + " not found", 0, kInstall};
  const auto done = run_command({{kQemu, "--version"}}, kVersionDeadline);
  if (!done) return done.error();
  if (done->exit_code == 0) return std::string(first_line(done->output));
  return Error{Fault::infra, fmt::format("run {}: {}", kQemu, first_line(done->output)), 0, kInstall};
}

}  // namespace probebench::vm
