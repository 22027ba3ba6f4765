// SPDX-License-Identifier: MIT
// QEMU's command line. Everything that changes a count is fixed here and recorded as a fact.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/cell.h"

namespace probebench::vm {

inline constexpr const char* kQemu = "qemu-system-x86_64";

// What QEMU writes executed instructions to, and by which build of the plugin; both empty: it records none.
struct PathRecorder {
  fs::path plugin = {};
  fs::path output = {};
};

struct QemuSetup {
  bool kvm = false;
  ClockKind clock = ClockKind::instructions;
  int memory_mb = 192;
  fs::path kernel;
  std::string initrd;  // a path that QEMU can open
  fs::path guest_log;
  std::string kernel_args;
  unsigned cpus = 1;
  PathRecorder paths = {};
};

// `value` as a part of one of QEMU's options, which are separated by commas.
std::string escape_for_qemu(const std::string& value);

// Records leave through the second serial port, which is QEMU's standard output.
std::vector<std::string> qemu_command(const QemuSetup& setup);
std::string guest_command_line(const QemuSetup& setup);
std::map<std::string, std::string> qemu_facts(const QemuSetup& setup);

// "QEMU emulator version 7.2.22 (Debian ...)"; an infra error when QEMU is missing.
Result<std::string> qemu_version();

}  // namespace probebench::vm
