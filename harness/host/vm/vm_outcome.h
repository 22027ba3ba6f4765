// SPDX-License-Identifier: MIT
// How one start of the target was made, and how it ended.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/cell.h"

namespace probebench::vm {

// One start of QEMU. Under --accel auto there may be two: KVM first, then emulation.
struct VmAttempt {
  bool kvm = false;
  ClockKind clock = ClockKind::instructions;
  std::map<std::string, std::string> facts;  // those of PreparedVm, and qemu.*, kernel.cmdline, notes
  bool native = false;                       // the running kernel, no QEMU
};

struct VmOutcome {
  enum class End {
    finished,  // the last record arrived
    panicked,  // the kernel's panic line is in the log
    hung,      // silent or without a record for too long, or longer than the whole run may take
    died,      // QEMU ended without the last record
    flooded,   // its console log grew without end
  };
  End end = End::died;
  std::string detail;                       // one line: the panic line, the deadline, QEMU's own message
  std::vector<std::string> last_log_lines;  // of the guest's console; empty when finished
  int qemu_exit = 0;                        // 128 + signal when a signal ended it
  bool spoke = false;                       // at least one record line arrived
  VmAttempt attempt;
};

}  // namespace probebench::vm
