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
};

// The outcome lacks its attempt, which the caller knows.
Result<VmOutcome> run_session(const VmSession& session);

}  // namespace probebench::vm
