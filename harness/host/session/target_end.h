// SPDX-License-Identifier: MIT
// Why a target ended, in the words of standard error.
#pragma once

#include <string>

#include "session/recorder.h"
#include "vm/vm_session.h"

namespace probebench::session {

// With its newline; nothing where it is empty, or was said already.
void add_line(std::string& text, const std::string& line);

// Empty: it ended as it should.
std::string why_ended(const vm::VmOutcome& outcome);

// The last lines of its console, indented.
std::string log_tail(const vm::VmOutcome& outcome);

// What broke on the host's side or in the stream, and the target's own last word.
std::string told_by(const Recorder& recorder);

}  // namespace probebench::session
