// SPDX-License-Identifier: MIT
#include "vm/qemu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/process.h"
#include "base/text.h"
#include "plan/selection.h"
#include "vm/machine.h"
#include "wire/plan_item.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kAnswerDeadline{30};
constexpr std::array kVersions{3, 2, 1};  // of the plugin interface that a build is made for

// Without its fd= the plugin says that it was taken, and refuses to go on; QEMU ends.
Result<Finished> ask_qemu(const fs::path& plugin, ArchId arch) {
  return run_command({{machine_of(arch).qemu, "-nodefaults", "-no-user-config", "-display", "none",
                       "-machine", "none,accel=tcg", "-plugin", escape_for_qemu(plugin.string())}},
                     kAnswerDeadline);
}

constexpr std::chrono::seconds kVersionDeadline{30};
// Each instruction takes one virtual nanosecond, and an idle guest costs no time.
constexpr const char* kInstructionCount = "shift=0,sleep=off";
// The guest runs code of the kernel under test: whoever gets out of it finds a process that can start nothing
// and gain nothing (qemu(1), -sandbox).
constexpr const char* kSandbox = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

// Under KVM the model is the host's own; `max` is all that emulation can do.
std::string cpu_model(const QemuSetup& setup) {
  const std::string_view features = machine_of(setup.arch).features;
  const auto model = !setup.cpu.empty() ? setup.cpu : setup.kvm ? "host" : "max";
  return features.empty() ? model : fmt::format("{},{}", model, features);
}

// Where instructions are counted CPUs would take turns.
unsigned cpus_of(const QemuSetup& setup) {
  return counts_instructions(setup.clock) ? 1 : setup.cpus;
}

std::string path_of(QemuFd fd) {
  return fmt::format("/proc/self/fd/{}", +fd);
}

// By a set of descriptors (qemu(1), -add-fd): a descriptor's path would be opened anew, with the rights of
// whoever QEMU is. What is not appended to is truncated, which a pipe refuses.
void add_character_device(std::vector<std::string>& argv, QemuFd fd) {
  argv.insert(argv.end(), {"-add-fd", fmt::format("fd={0},set={0}", +fd), "-chardev",
                           fmt::format("file,id=port{0},path=/dev/fdset/{0},append=on", +fd)});
}

void add_serial_port(std::vector<std::string>& argv, QemuFd fd) {
  add_character_device(argv, fd);
  argv.insert(argv.end(), {"-serial", fmt::format("chardev:port{}", +fd)});
}

// The board `virt` has one serial port of its own.
void add_records_port(std::vector<std::string>& argv, ArchId arch) {
  if (arch == ArchId::x86_64) return add_serial_port(argv, kRecordsFd);
  add_character_device(argv, kRecordsFd);
  argv.insert(argv.end(), {"-device", fmt::format("pci-serial,chardev=port{}", +kRecordsFd)});
}

void add_start(std::vector<std::string>& argv, Start start) {
  if (start == Start::boot_to_save) {
    argv.insert(argv.end(), {"-chardev", fmt::format("socket,id=monitor,fd={}", +kMonitorFd), "-mon",
                             "chardev=monitor,mode=control"});
  } else if (start == Start::restore) {
    argv.insert(argv.end(), {"-incoming", fmt::format("fd:{}", +kStateFd)});
    constexpr auto kItems = std::to_array<std::pair<const char*, QemuFd>>(
        {{wire::kPlanItem, kPlanFd}, {wire::kFilesItem, kFilesFd}});
    for (const auto& [item, fd] : kItems) {
      argv.insert(argv.end(), {"-fw_cfg", fmt::format("name={},file={}", item, path_of(fd))});
    }
  }
}

// Its descriptor is for reading, and another process may read the same file.
void add_disk(std::vector<std::string>& argv) {
  constexpr const char* kDisk =
      "driver=raw,node-name=carried,read-only=on,file.driver=file,file.filename=/dev/fdset/{},"
      "file.read-only=on,file.locking=off";
  argv.insert(argv.end(), {"-add-fd", fmt::format("fd={0},set={0}", +kDiskFd), "-blockdev",
                           fmt::format(kDisk, +kDiskFd), "-device", "nvme,serial=carried,drive=carried"});
}

using nlohmann::json;

fs::path file_in(const fs::path& cache) {
  return cache / "kvm-refusals.json";
}

std::string name_of(const AccelKey& key) {
  return key.host_release + " | " + key.qemu_version + " | " + key.guest_release;
}

// Virtual machines of one run find out side by side. Another run's verdict may be lost, and is then found
// anew.
std::mutex& file_mutex() {
  static std::mutex mutex;
  return mutex;
}

json read_refusals(const fs::path& cache) {
  const auto text = read_file(file_in(cache));
  if (!text) return json::object();
  auto refusals = json::parse(*text, nullptr, false);
  return refusals.is_object() ? refusals : json::object();  // an unreadable one is found out anew
}

}  // namespace

PluginAnswer plugin_answer(std::string_view output) {
  if (output.find("probebench path plugin: built for") != output.npos) return PluginAnswer::taken;
  return output.find("API version") != output.npos ? PluginAnswer::other_version : PluginAnswer::none;
}

Result<fs::path> find_path_plugin(const fs::path& directory, ArchId arch) {
  std::string said;
  for (const auto version : kVersions) {
    const auto plugin = directory / fmt::format("path-plugin-{}.so", version);
    const auto answer = TRY(ask_qemu(plugin, arch));
    if (plugin_answer(answer.output) == PluginAnswer::taken) return plugin;
    said = first_line(answer.output);
    if (plugin_answer(answer.output) == PluginAnswer::none) break;
  }
  return Error{Fault::infra, "load the path plugin into QEMU: " + said, 0,
               "anatomy needs a QEMU with TCG plugins, as Debian's is"};
}

// QEMU reads `a,,b` as `a,b` inside an option.
std::string escape_for_qemu(const std::string& value) {
  std::string text;
  for (const char c : value) text += c == ',' ? std::string(",,") : std::string(1, c);
  return text;
}

std::string guest_command_line(const QemuSetup& setup) {
  // 115200 because the console waits for every character it prints; loglevel 7 then costs 0.1 s of the boot
  // and leaves a log worth reading. Under KVM each character takes two exits to QEMU, in a guest of a guest
  // that is most of the boot: there it is 6, whose lines still are signs of life. A panic resets the machine
  // at once, which ends QEMU (-no-reboot).
  const bool x86 = setup.arch == ArchId::x86_64;
  std::string line = fmt::format("console={} loglevel={} oops=panic panic=-1{} cryptomgr.notests",
                                 machine_of(setup.arch).console, setup.kvm ? 6 : 7, x86 ? " reboot=t" : "");
  if (x86) line += " tsc=reliable";
  // There each system call takes a number from the kernel's generator, which is filled up every so many
  // calls: no two windows of system calls would count the same (arch/arm64/kernel/syscall.c).
  if (!x86) line += " randomize_kstack_offset=off";
  // Calibrating the local APIC timer alone takes two emulated seconds; under KVM it is the best timer.
  if (x86 && !setup.kvm) line += " nolapic_timer";
  // An idle guest's clock goes on to its next timer at once, while a disk of this machine takes real time.
  if (setup.disk) line += " nvme_core.io_timeout=1000000 nvme_core.admin_timeout=1000000";
  if (!setup.kernel_args.empty()) line += " " + setup.kernel_args;
  return line;
}

std::vector<std::string> qemu_command(const QemuSetup& setup) {
  std::vector<std::string> argv{
      machine_of(setup.arch).qemu,
      "-nodefaults",
      "-no-user-config",
      "-no-reboot",
      "-sandbox",
      kSandbox,
      "-display",
      "none",
      "-machine",
      fmt::format("{},accel={}", machine_of(setup.arch).board, setup.kvm ? "kvm" : "tcg"),
      "-cpu",
      cpu_model(setup),
      "-smp",
      std::to_string(cpus_of(setup)),
      "-m",
      std::to_string(setup.memory_mb),
      "-kernel",
      path_of(kKernelFd),
      "-initrd",
      path_of(kInitrdFd),
      "-append",
      guest_command_line(setup)};
  add_serial_port(argv, kLogFd);
  add_records_port(argv, setup.arch);
  const auto add = [&](std::initializer_list<const char*> more) {
    argv.insert(argv.end(), more.begin(), more.end());
  };
  // With a fixed date and seed two boots execute the same instructions.
  if (!setup.kvm) add({"-rtc", "base=2024-01-01,clock=vm", "-seed", "1"});
  if (counts_instructions(setup.clock)) add({"-icount", kInstructionCount});
  if (setup.kvm) add({"-name", "guest,debug-threads=on"});  // see vcpu_threads()
  add_start(argv, setup.start);
  if (setup.disk) add_disk(argv);
  if (!setup.paths.plugin.empty()) {
    argv.insert(argv.end(), {"-plugin", fmt::format("{},fd={}", path_of(kPluginFd), +kPathsFd)});
  }
  return argv;
}

std::map<std::string, std::string> qemu_facts(const QemuSetup& setup) {
  std::map<std::string, std::string> facts{
      {"qemu.accel", setup.kvm ? "kvm" : "tcg"},
      {"qemu.cpu_model", cpu_model(setup)},
      {"qemu.icount", counts_instructions(setup.clock) ? kInstructionCount : "off"},
      {"qemu.machine", machine_of(setup.arch).board},
      {"qemu.cpus", std::to_string(cpus_of(setup))},
      {"qemu.memory_mb", std::to_string(setup.memory_mb)},
      {"kernel.cmdline", guest_command_line(setup)},
      {"guest.start", setup.start == Start::restore ? "restored after its boot" : "booted"}};
  if (setup.disk) facts["guest.carried"] = "disk";
  // Absent for x86-64, so that its results are what they were.
  if (setup.arch != ArchId::x86_64) facts["arch"] = info_of(setup.arch).name;
  if (!setup.paths.plugin.empty()) facts["qemu.plugin"] = setup.paths.plugin.stem();
  return facts;
}

Result<std::string> qemu_version(ArchId arch) {
  const auto& machine = machine_of(arch);
  const auto install = fmt::format("apt-get install {}", machine.package);
  if (!program_exists(machine.qemu))
    return Error{Fault::infra, std::string(machine.qemu) + " not found", 0, install};
  const auto done = TRY(run_command({{machine.qemu, "--version"}}, kVersionDeadline));
  if (done.exit_code == 0) return std::string(first_line(done.output));
  return Error{Fault::infra, fmt::format("run {}: {}", machine.qemu, first_line(done.output)), 0, install};
}

std::string_view cpu_name(std::string_view cpu) {
  return cpu.substr(0, cpu.find(','));
}

std::vector<std::string> listed_cpus(std::string_view help) {
  std::vector<std::string> models;
  bool in_list = false;
  for (auto line : split(help, '\n')) {
    if (line.starts_with("Available CPUs")) {
      in_list = true;
      continue;
    }
    if (line.empty()) in_list = false;
    if (!in_list) continue;
    if (line.starts_with("x86 ")) line.remove_prefix(4);
    const auto begin = line.find_first_not_of(' ');
    if (begin != line.npos) models.emplace_back(line.substr(begin, line.find(' ', begin) - begin));
  }
  return models;
}

Status check_cpu(const std::string& cpu, ArchId arch) {
  if (cpu.empty()) return Done{};
  const auto* qemu = machine_of(arch).qemu;
  const auto told = TRY(run_command({{qemu, "-cpu", "help"}}, kAnswerDeadline));
  const auto models = listed_cpus(told.output);
  const auto name = cpu_name(cpu);
  if (std::ranges::find(models, name) != models.end()) return Done{};
  const std::vector<std::string_view> known(models.begin(), models.end());
  return Error{Fault::usage,
               fmt::format("--cpu {}: this QEMU has no such CPU model, of {} that it has", cpu, known.size()),
               0, plan::did_you_mean(name, known, fmt::format("{} -cpu help lists them", qemu))};
}

std::optional<std::string> kvm_refusal(const fs::path& cache, const AccelKey& key) {
  const auto refusals = read_refusals(cache);
  const auto found = refusals.find(name_of(key));
  if (found == refusals.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Status remember_kvm_refusal(const fs::path& cache, const AccelKey& key, const std::string& why) {
  const std::lock_guard lock(file_mutex());
  auto refusals = read_refusals(cache);
  refusals[name_of(key)] = why;
  return write_file_atomic(file_in(cache),
                           refusals.dump(2, ' ', true, json::error_handler_t::replace) + "\n");
}

Status forget_kvm_refusal(const fs::path& cache, const AccelKey& key) {
  const std::lock_guard lock(file_mutex());
  auto refusals = read_refusals(cache);
  if (refusals.erase(name_of(key)) == 0) return Done{};
  return write_file_atomic(file_in(cache), refusals.dump(2) + "\n");
}

}  // namespace probebench::vm
