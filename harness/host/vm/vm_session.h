// SPDX-License-Identifier: MIT
// One QEMU from its start to its end: record lines out, deadlines, panic, stop requests.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "vm/vm_outcome.h"

namespace probebench::vm {

struct VmSession {
  std::vector<std::string> command;  // its standard output carries the records
  fs::path guest_log;
  std::chrono::seconds first_line_deadline;
  std::chrono::seconds silence_deadline;
  std::chrono::seconds run_deadline;
  std::function<bool(std::string_view)> on_line;  // true: that was the last record
  // What the console says is a sign of life, but no progress: so long it may stand in for records.
  std::chrono::seconds record_deadline{600};
  std::size_t longest_log = 64 << 20;
  // In memory. Whoever judges the lines sees one byte more, and has a lower limit for most plans.
  std::size_t longest_record = 256 << 20;
};

// The outcome lacks its attempt, which the caller knows.
Result<VmOutcome> run_session(const VmSession& session);

}  // namespace probebench::vm
