// SPDX-License-Identifier: MIT
// QEMU's command line. Everything that changes a count is fixed here and recorded as a fact.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "model/arch.h"
#include "model/cell.h"
#include "model/environment.h"

namespace probebench::vm {

// The plugin that records instruction paths (harness/host/vm/plugin), as this machine's QEMU takes it.

// The build of the plugin in `directory` that QEMU takes: it is asked to load each, newest interface first.
// An infra error where QEMU has no plugin support.
Result<fs::path> find_path_plugin(const fs::path& directory, ArchId arch = kOwnArch);

// What QEMU said to an attempt to load a build of the plugin.
enum class PluginAnswer { taken, other_version, none };
PluginAnswer plugin_answer(std::string_view output);

inline constexpr const char* kKvmDevice = "/dev/kvm";

// What QEMU writes executed instructions to, and by which build of the plugin; both empty: it records none.
struct PathRecorder {
  fs::path plugin = {};
  fs::path output = {};
};

// QEMU opens nothing of ours by name, since it may be another user: what it needs it has by these numbers.
enum QemuFd : int {
  kRecordsFd = 3,
  kLogFd,
  kKernelFd,
  kInitrdFd,
  kPluginFd,
  kPathsFd,
  kMonitorFd,
  kStateFd,
  kPlanFd,
  kFilesFd,
  kDiskFd
};

// How the guest begins.
enum class Start {
  boot,          // the plan is in the initramfs
  boot_to_save,  // there is no plan yet; QEMU listens to a monitor
  restore        // with the state of such a guest, and a plan
};

struct QemuSetup {
  ArchId arch = ArchId::x86_64;
  bool kvm = false;
  ClockKind clock = ClockKind::instructions;
  std::string cpu;  // a model with its features; empty: all there is
  int memory_mb = 192;
  std::string kernel_args;
  unsigned cpus = 1;
  PathRecorder paths = {};
  Start start = Start::boot;
  bool disk = false;  // with a user's files
};

// `value` as a part of one of QEMU's options, which are separated by commas.
std::string escape_for_qemu(const std::string& value);

// Records leave through the second serial port.
std::vector<std::string> qemu_command(const QemuSetup& setup);
std::string guest_command_line(const QemuSetup& setup);
std::map<std::string, std::string> qemu_facts(const QemuSetup& setup);

// "QEMU emulator version 7.2.22 (Debian ...)"; an infra error when QEMU is missing.
Result<std::string> qemu_version(ArchId arch = kOwnArch);

// "EPYC,-fsrm" -> "EPYC".
std::string_view cpu_name(std::string_view cpu);

// The models that QEMU's own list (`-cpu help`) names, as versions 7 to 10 print it.
std::vector<std::string> listed_cpus(std::string_view help);

// A usage error where this machine's QEMU has no such model. Empty is every model.
Status check_cpu(const std::string& cpu, ArchId arch = kOwnArch);

// Remembers that KVM could not run a kernel on this host, so that only the first run pays for finding out.

// What the verdict depends on.
struct AccelKey {
  std::string host_release;
  std::string qemu_version;
  std::string guest_release;
};

// Why KVM failed here before; nothing when it did not, or was not tried.
std::optional<std::string> kvm_refusal(const fs::path& cache, const AccelKey& key);

Status remember_kvm_refusal(const fs::path& cache, const AccelKey& key, const std::string& why);
Status forget_kvm_refusal(const fs::path& cache, const AccelKey& key);

}  // namespace probebench::vm
