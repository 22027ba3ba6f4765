// SPDX-License-Identifier: MIT
// The path of one warm hit, function by function, and what each part of it is for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anatomy/path.h"
#include "anatomy/phase.h"
#include "anatomy/symbols.h"
#include "anatomy/walk.h"
#include "base/result.h"
#include "model/arch.h"

namespace probebench::anatomy {

// Begins the names of BPF programs' machine code.
inline constexpr std::string_view kBpfProgram = "bpf_prog_";

// Instructions in a row that are in one function, at one depth, for one phase.
struct Run {
  std::string symbol;
  std::size_t depth = 0;
  Phase phase = Phase::call;
  Arrival arrival = Arrival::onward;
  std::uint64_t count = 0;

  bool operator==(const Run&) const = default;
};

// What is of use while the recorded instructions are there, and is not in anatomy.json.
struct StepCounts {
  std::vector<std::pair<std::string, std::uint64_t>> unprobed;  // the unprobed call by function, in order
  std::map<std::uint64_t, std::uint64_t> bpf;                   // a hit's in BPF programs, by address

  bool operator==(const StepCounts&) const = default;
};

struct Anatomy {
  std::string cell;    // Cell::name()
  std::string target;  // TargetInfo::id
  std::vector<Run> runs;
  std::uint64_t baseline = 0;    // instructions of the unprobed call
  std::uint64_t exceptions = 0;  // taken in one hit
  // Steps of a hit that a CPU's counter would not count, since they repeat a string instruction; less those
  // of the unprobed call.
  std::int64_t repetitions = 0;
  StepCounts steps = {};

  std::uint64_t total() const;
  std::uint64_t of_phase(Phase phase) const;
  std::uint64_t per_hit() const { return total() - baseline; }

  bool operator==(const Anatomy&) const = default;
};

// Two marked loops of one cell.
struct RecordedLoops {
  const Path& twin;
  const Path& site;
  std::uint32_t calls = 0;
  ArchId arch = ArchId::x86_64;
};

Result<Anatomy> dissect(const RecordedLoops& loops, const SymbolTable& symbols);

// What the timed windows of the same cell counted.
struct Counted {
  double instructions_per_hit = 0;
  double baseline_per_call = 0;
};

// The path must have as many instructions: a hit and the unprobed call, exactly. An error says both numbers.
Status check_totals(const Anatomy& anatomy, const Counted& counted);

// Two anatomies side by side, function by function.

struct SymbolDifference {
  std::string symbol;
  std::uint64_t first = 0;  // instructions in it
  std::uint64_t second = 0;

  std::int64_t change() const { return static_cast<std::int64_t>(second) - static_cast<std::int64_t>(first); }
  bool operator==(const SymbolDifference&) const = default;
};

// Every function that either path is in, in the order of the first path, then what only the second has. The
// changes add up to the difference of the totals.
std::vector<SymbolDifference> difference(const Anatomy& first, const Anatomy& second);

}  // namespace probebench::anatomy
