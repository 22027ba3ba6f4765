// SPDX-License-Identifier: MIT
#include "session/target_end.h"

namespace probebench::session {

void add_line(std::string& text, const std::string& line) {
  if (!line.empty() && text.find(line + "\n") == std::string::npos) text += line + "\n";
}

std::string why_ended(const vm::VmOutcome& outcome) {
  const std::string who = outcome.attempt.native ? "the agent" : "the guest";
  switch (outcome.end) {
    case vm::VmOutcome::End::finished:
      return {};
    case vm::VmOutcome::End::panicked:
      return "the guest's kernel panicked: " + outcome.detail;
    case vm::VmOutcome::End::hung:
      return who + " hung: " + outcome.detail;
    case vm::VmOutcome::End::died:
      return (outcome.attempt.native ? "the agent died: " : "the virtual machine died: ") + outcome.detail;
    case vm::VmOutcome::End::flooded:
      return who + " flooded its console: " + outcome.detail;
    case vm::VmOutcome::End::disconnected:
      return "the connection was lost: " + outcome.detail;
  }
  return outcome.detail;
}

std::string log_tail(const vm::VmOutcome& outcome) {
  std::string text;
  for (const auto& line : outcome.last_log_lines) text += "  " + line + "\n";
  return text;
}

std::string told_by(const Recorder& recorder) {
  std::string text;
  if (recorder.failure()) add_line(text, recorder.failure()->message());
  if (recorder.end()) add_line(text, recorder.end()->error);
  return text;
}

}  // namespace probebench::session
