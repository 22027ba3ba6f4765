// SPDX-License-Identifier: MIT
// What a target's stream of records has to be, whatever made it: the program inside the target is not
// believed where the host can look for itself. Virtual machines and the running kernel are held to the same
// rules.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "base/result.h"
#include "stream/stream_checks.h"

namespace probebench::stream {

// What becomes of a target that breaks a rule.
enum class Breach {
  target_lost,  // nothing more of it is believed
  invalid,      // the cell or the point of an experiment is shown, and stands for nothing
};

struct StreamRule {
  std::string_view id;
  std::string_view demands;
  Breach breach;
  StreamCheck check;
};

// In the order in which they are applied: a later one may rely on those before it.
std::span<const StreamRule> stream_rules();

// Reads a target's lines. Whatever it hands out has kept every rule, or says that it is invalid.
class StreamReader {
 public:
  using Clock = std::chrono::steady_clock;

  StreamReader(Plan plan, std::chrono::seconds patience, ArchId arch = kOwnArch);

  // An error is the end of the stream.
  Result<wire::Record> read(std::string_view line, Clock::time_point now = Clock::now());
  // Something was made invalid that its target had called measured.
  bool contradicted() const { return contradicted_; }

 private:
  Status apply(const Arrival& arrival, wire::Record* record);
  void remember(const wire::Record& record, Clock::time_point now);

  StreamSoFar so_far_;
  wire::Seal seal_;
  Clock::time_point progressed_;
  bool contradicted_ = false;
};

}  // namespace probebench::stream
