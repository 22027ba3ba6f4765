// SPDX-License-Identifier: MIT
#include "reproduce/per_hit.h"

#include <fmt/format.h>

#include <algorithm>

namespace probebench::reproduce {
namespace {

// Begins the note of a kernel that was measured and does not optimize.
constexpr const char* kNoJump = "no jump at all here";

// Int3 on the very site of the jump. Its state says which of the two it is; where a kernel boosts it, stepped
// is an instruction that cannot be boosted.
std::optional<double> int3_cost(const std::vector<PerHitRow>& rows, HandlerChoice handler, ProbeState state) {
  const auto is = [&](ProbeType type) {
    return [&, type](const PerHitRow& row) {
      return row.cell.probe_type == type && row.cell.handler_choice() == handler && row.state == state &&
             row.cell.driver == DriverId::module;
    };
  };
  for (const auto type : {ProbeType::kprobe_unoptimized, ProbeType::kprobe_stepped}) {
    const auto row = std::ranges::find_if(rows, is(type));
    if (row != rows.end()) return row->per_hit;
  }
  return std::nullopt;
}

std::optional<double> ratio(std::optional<double> int3, double per_hit) {
  if (!int3 || per_hit <= 0) return std::nullopt;
  return *int3 / per_hit;
}

// Only a kernel that was measured and does not optimize supports "not so much"; one that could not be
// measured supports nothing.
std::string note_of(const std::vector<CellRecord>& cells, const std::vector<PerHitRow>& rows) {
  for (const auto& cell : cells) {
    const auto& result = cell.result;
    if (result.cell.probe_type != ProbeType::kprobe_optimized || result.status != CellStatus::skipped)
      continue;
    const auto* what = rows.empty() ? "nothing was measured" : kNoJump;
    return fmt::format("{}: {}", what, result.reason);
  }
  return {};
}

// Lengths with the handler `nop`, counted by this project: 5.10, which has all three; 6.12 without boosting;
// 6.12 with a BPF program as the handler.
constexpr PathLengths kOldKernel{472, 285, 96};
constexpr PathLengths kNewKernel{520, 0, 103};
constexpr PathLengths kNewKernelBpf{682, 0, 300};

const std::vector<PublishedTimes>& published_times() {
  static const std::vector<PublishedTimes> kAll{
      // Documentation/trace/kprobes.rst: Xeon E5410 2.33 GHz, x86-64
      {"krst-e5410-64", 990, 430, 60, 5, {kOldKernel, kNewKernel}},
      // Chen et al., OSDI 2026, table 3: 1765 and 168 cycles of a Xeon Gold 5512U at 2.1 GHz, "empty" BPF
      // kprobe
      {"xkernel-int3-jmp", 1765 / 2.1, std::nullopt, 168 / 2.1, 0.5 / 2.1, {kNewKernelBpf, kNewKernel}},
  };
  return kAll;
}

// What one exception took, were every instruction to take `instruction_ns`.
std::vector<double> exception_times(const PublishedTimes& times, const PathLengths& lengths,
                                    double instruction_ns, double rounding_ns) {
  std::vector<double> all{(times.stepped_ns + rounding_ns - lengths.stepped * instruction_ns) / 2};
  if (times.boosted_ns && lengths.boosted > 0) {
    all.push_back(*times.boosted_ns + rounding_ns - lengths.boosted * instruction_ns);
  }
  return all;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TimeConstants constants_for(const PublishedTimes& times, const PathLengths& lengths) {
  const auto instruction = [&](double rounding) {
    return (times.optimized_ns + rounding) / lengths.optimized;
  };
  const Range per_instruction{instruction(-times.rounding_ns), instruction(0),
                              instruction(times.rounding_ns)};
  const auto dearest = exception_times(times, lengths, per_instruction.low, times.rounding_ns);
  const auto cheapest = exception_times(times, lengths, per_instruction.high, -times.rounding_ns);
  const auto likely = exception_times(times, lengths, per_instruction.value, 0);
  return {per_instruction, {std::ranges::min(cheapest), mean(likely), std::ranges::max(dearest)}};
}

void widen(Range& range, const Range& other) {
  range.low = std::min(range.low, other.low);
  range.high = std::max(range.high, other.high);
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

PerHit per_hit_of(const std::vector<CellRecord>& cells) {
  PerHit made;
  for (const auto& cell : cells) {
    const auto& cost = by_clock(cell.summary);
    if (cell.result.status != CellStatus::measured || !cost) continue;
    made.rows.push_back({cell.result.cell, cell.result.evidence.state, cost->value, {}, {}});
  }
  for (auto& row : made.rows) {
    const auto handler = row.cell.handler_choice();
    row.ratio_to_stepped = ratio(int3_cost(made.rows, handler, ProbeState::stepped), row.per_hit);
    row.ratio_to_boosted = ratio(int3_cost(made.rows, handler, ProbeState::boosted), row.per_hit);
  }
  made.note = note_of(cells, made.rows);
  return made;
}

const PerHitRow* find_row(const PerHit& per_hit, ProbeType probe_type, HandlerChoice handler) {
  const auto found = std::ranges::find_if(per_hit.rows, [&](const PerHitRow& row) {
    return row.cell.probe_type == probe_type && row.cell.handler_choice() == handler &&
           row.cell.driver == DriverId::module;
  });
  return found == per_hit.rows.end() ? nullptr : &*found;
}

TimeConstants constants_of(const PublishedTimes& times) {
  auto constants = constants_for(times, times.lengths.front());
  for (const auto& lengths : times.lengths) {
    const auto other = constants_for(times, lengths);
    widen(constants.instruction_ns, other.instruction_ns);
    widen(constants.exception_ns, other.exception_ns);
  }
  return constants;
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
  for (const auto& times : published_times()) {
    for (const auto& row : per_hit.rows) {
      if (row.cell.handler != Handler::nop || row.cell.driver != DriverId::module) continue;
      all.push_back(modelled(row, times));
    }
  }
  return all;
}

}  // namespace probebench::reproduce
