// SPDX-License-Identifier: MIT
#include "reproduce/modelled.h"

#include <algorithm>

namespace probebench {
namespace {

// Path lengths: handler `nop`, counted by this project; on 5.10, the kernel that has all three (stepped 472,
// boosted 285, optimized 96), and, where a BPF program was the handler, on 6.12 (682 and 300).
constexpr std::array kPublished{
    PublishedTimes{.source = "krst-e5410-64",  // Documentation/trace/kprobes.rst
                   .about = "Xeon E5410 2.33 GHz",
                   .stepped_ns = 990,
                   .boosted_ns = 430,
                   .optimized_ns = 60,
                   .rounding_ns = 5,
                   .stepped_instructions = 472,
                   .boosted_instructions = 285,
                   .optimized_instructions = 96},
    PublishedTimes{.source = "xkernel-int3-jmp",  // Chen et al., OSDI 2026, table 3: 1765 and 168 cycles
                   .about = "Xeon Gold 5512U 2.1 GHz",
                   .stepped_ns = 1765 / 2.1,
                   .boosted_ns = std::nullopt,
                   .optimized_ns = 168 / 2.1,
                   .rounding_ns = 0.5 / 2.1,
                   .stepped_instructions = 682,
                   .boosted_instructions = 0,
                   .optimized_instructions = 300},
};

// What one exception took, were every instruction to take `instruction_ns`.
std::vector<double> exception_times(const PublishedTimes& times, double instruction_ns, double rounding_ns) {
  std::vector<double> all{(times.stepped_ns + rounding_ns - times.stepped_instructions * instruction_ns) / 2};
  if (times.boosted_ns) {
    all.push_back(*times.boosted_ns + rounding_ns - times.boosted_instructions * instruction_ns);
  }
  return all;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

ModelledTime modelled(const PerHitRow& row, const PublishedTimes& times) {
  const auto constants = constants_of(times);
  const int exceptions = exceptions_of(row.state);
  const auto time = [&](double Range::*end) {
    return row.per_hit * constants.instruction_ns.*end + exceptions * constants.exception_ns.*end;
  };
  return {row.cell.probe_type,
          row.state,
          {time(&Range::low), time(&Range::value), time(&Range::high)},
          std::string(times.source)};
}

}  // namespace

TimeConstants constants_of(const PublishedTimes& times) {
  const auto instruction = [&](double rounding) {
    return (times.optimized_ns + rounding) / times.optimized_instructions;
  };
  const Range per_instruction{instruction(-times.rounding_ns), instruction(0),
                              instruction(times.rounding_ns)};
  const auto dearest = exception_times(times, per_instruction.low, times.rounding_ns);
  const auto cheapest = exception_times(times, per_instruction.high, -times.rounding_ns);
  return {per_instruction,
          {std::ranges::min(cheapest), mean(exception_times(times, per_instruction.value, 0)),
           std::ranges::max(dearest)}};
}

int exceptions_of(ProbeState state) {
  switch (state) {
    case ProbeState::stepped:
      return 2;
    case ProbeState::boosted:
    case ProbeState::emulated:
    case ProbeState::detour:
    case ProbeState::breakpoint:
    case ProbeState::user_int3:
      return 1;
    case ProbeState::unarmed:
    case ProbeState::optimized:
    case ProbeState::ftrace:
    case ProbeState::ftrace_jump:
    case ProbeState::static_key:
    case ProbeState::user_call:
    case ProbeState::unknown:
      return 0;
  }
  return 0;
}

std::vector<ModelledTime> modelled_times(const PerHit& per_hit) {
  std::vector<ModelledTime> all;
  for (const auto& times : kPublished) {
    for (const auto& row : per_hit.rows) {
      if (row.cell.handler != Handler::nop || row.cell.driver != DriverId::module) continue;
      all.push_back(modelled(row, times));
    }
  }
  return all;
}

}  // namespace probebench
