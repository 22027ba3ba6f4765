// SPDX-License-Identifier: MIT
// One QEMU from its start to its end: record lines out, deadlines, panic, stop requests.
#pragma once

#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/process.h"
#include "model/cell.h"
#include "model/environment.h"

namespace probebench::vm {

// How one start of the target was made, and how it ended.

// One start of QEMU. Under --accel auto there may be two: KVM first, then emulation.
struct VmAttempt {
  bool kvm = false;
  ClockKind clock = ClockKind::instructions;
  std::map<std::string, std::string> facts;  // those of PreparedVm, and qemu.*, kernel.cmdline, notes
  bool native = false;                       // the running kernel, no QEMU
};

struct VmOutcome {
  enum class End {
    finished,      // the last record arrived
    panicked,      // the kernel's panic line is in the log
    hung,          // silent or without a record for too long, or longer than the whole run may take
    died,          // QEMU ended without the last record
    flooded,       // its console log grew without end
    disconnected,  // the connection to its machine was lost
  };
  End end = End::died;
  std::string detail;                       // one line: the panic line, the deadline, QEMU's own message
  std::vector<std::string> last_log_lines;  // of the guest's console; empty when finished
  int qemu_exit = 0;                        // 128 + signal when a signal ended it
  bool spoke = false;                       // at least one record line arrived
  std::string messages;                     // what QEMU itself said, or who stands in for it
  VmAttempt attempt;
};

// Its deadlines do not run while others have the CPUs that the command could run on.
struct VmSession {
  Command command;
  fs::path guest_log;
  std::chrono::seconds first_line_deadline;  // of silence before it
  std::chrono::seconds silence_deadline;
  std::chrono::seconds run_deadline;
  std::function<bool(std::string_view)> on_line;  // true: that was the last record
  std::function<void(pid_t)> on_first_line = {};  // of the command; before on_line
  // For how long the command has waited for a CPU.
  std::function<std::chrono::nanoseconds(pid_t)> waited = [](pid_t pid) { return waited_for_a_cpu(pid); };
  // What the console says is a sign of life, but no progress: so long it may stand in for records.
  std::chrono::seconds record_deadline{600};
  std::size_t longest_log = 64 << 20;
  std::string earlier_log = {};  // of a guest that is restored
  // By which numbers the command writes records and, unless it opens the log itself, the log.
  int records_fd = STDOUT_FILENO;
  int log_fd = -1;
  // In memory. Whoever judges the lines sees one byte more, and has a lower limit for most plans.
  std::size_t longest_record = 256 << 20;
  std::string name = "QEMU";           // of the command, for people
  std::string target = "the guest";    // what it runs
  std::chrono::seconds exit_grace{5};  // from the last record to the command's own end
};

// The outcome lacks its attempt, which the caller knows.
Result<VmOutcome> run_session(const VmSession& session);

}  // namespace probebench::vm
