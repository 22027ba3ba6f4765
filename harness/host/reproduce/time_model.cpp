// SPDX-License-Identifier: MIT
#include "reproduce/time_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace probebench::reproduce {
namespace {

// Lengths with the handler `nop`, counted by this project: 5.10, which has all three; 6.12 without boosting;
// 6.12 with a BPF program as the handler.
constexpr PathLengths kOldKernel{472, 285, 96};
constexpr PathLengths kNewKernel{520, 0, 103};
constexpr PathLengths kNewKernelBpf{682, 0, 300};

constexpr double kAthlonGhz = 2.16;
constexpr double kGoldGhz = 2.1;

constexpr std::array kTrapsNs{0.0, 50.0, 100.0, 200.0, 300.0, 400.0, 600.0, 1000.0};
constexpr std::size_t kFewestHits = 4;

void include(Interval& range, double value) {
  range.low = std::min(range.low, value);
  range.high = std::max(range.high, value);
}

Interval nothing() {
  return {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
}

double time_of(const TimeConstants& constants, double instructions, int exceptions) {
  return instructions * constants.instruction_ns + exceptions * constants.trap_ns;
}

void add_constants(const PublishedTimes& times, const PathLengths& lengths, std::vector<TimeConstants>& all) {
  for (const double jump_error : {-times.optimized_rounding_ns, times.optimized_rounding_ns}) {
    const double instruction = (times.optimized_ns + jump_error) / lengths.optimized;
    for (const double error : {-times.rounding_ns, times.rounding_ns}) {
      all.push_back({instruction, (times.stepped_ns + error - lengths.stepped * instruction) / 2});
      if (times.boosted_ns && lengths.boosted > 0) {
        all.push_back({instruction, *times.boosted_ns + error - lengths.boosted * instruction});
      }
    }
  }
}

template <typename Act>
void for_all_constants(Act act) {
  for (const auto& times : published_times()) {
    for (const auto& constants : constants_of(times)) act(constants);
  }
}

double error_of(const TimedHit& hit, const TimeConstants& constants) {
  return std::abs(time_of(constants, hit.instructions, hit.exceptions) - hit.ns) / hit.ns * 100;
}

// Least squares of the relative error; absent where the two constants cannot be told apart.
std::optional<TimeConstants> solve(const std::vector<TimedHit>& hits, const TimedHit* left_out = nullptr) {
  double ii = 0, ie = 0, ee = 0, i = 0, e = 0;
  for (const auto& hit : hits) {
    if (&hit == left_out) continue;
    const double x = hit.instructions / hit.ns;
    const double y = hit.exceptions / hit.ns;
    ii += x * x;
    ie += x * y;
    ee += y * y;
    i += x;
    e += y;
  }
  const double determinant = ii * ee - ie * ie;
  if (!(determinant > 1e-9 * ii * ee)) return std::nullopt;
  return TimeConstants{(i * ee - e * ie) / determinant, (e * ii - i * ie) / determinant};
}

// In the helper module's loop, with a handler that does nothing.
const CellRecord* counted(const std::vector<CellRecord>& cells, ProbeType type) {
  const auto found = std::ranges::find_if(cells, [&](const CellRecord& cell) {
    const auto& told = cell.result.cell;
    return told.probe_type == type && told.handler == Handler::nop && told.driver == DriverId::module &&
           cell.result.status == CellStatus::measured && cell.summary.instructions_per_hit;
  });
  return found == cells.end() ? nullptr : &*found;
}

double ratio_of(const TimeCurve& curve, const TimeConstants& constants) {
  return time_of(constants, curve.int3, curve.exceptions) / time_of(constants, curve.jump, 0);
}

// The cheaper an instruction is, the more a trap weighs.
Interval ratio_at(const TimeCurve& curve, const Interval& trap_ns) {
  auto instruction = nothing();
  for_all_constants([&](const auto& constants) { include(instruction, constants.instruction_ns); });
  return {ratio_of(curve, {instruction.high, trap_ns.low}), ratio_of(curve, {instruction.low, trap_ns.high})};
}

void add_points(TimeCurve& curve) {
  for (const double trap : kTrapsNs) curve.points.push_back({trap, ratio_at(curve, {trap, trap})});
}

void add_marks(TimeCurve& curve) {
  curve.ratio = nothing();
  for (const auto& times : published_times()) {
    SourceMark mark{times.source, times.machine, nothing(), nothing()};
    for (const auto& constants : constants_of(times)) {
      include(mark.trap_ns, constants.trap_ns);
      include(mark.ratio, ratio_of(curve, constants));
    }
    include(curve.ratio, mark.ratio.low);
    include(curve.ratio, mark.ratio.high);
    curve.marks.push_back(mark);
  }
}

std::optional<TimeCurve> counted_lengths(const std::vector<CellRecord>& cells) {
  const auto* int3 = counted(cells, ProbeType::kprobe_unoptimized);
  const auto* jump = counted(cells, ProbeType::kprobe_optimized);
  if (int3 == nullptr || jump == nullptr) return std::nullopt;
  return TimeCurve{.int3 = int3->summary.instructions_per_hit->value,
                   .jump = jump->summary.instructions_per_hit->value,
                   .exceptions = exceptions_of(int3->result.evidence.state)};
}

TimeCurve borrowed_lengths() {
  return {.int3 = kNewKernel.stepped,
          .jump = kNewKernel.optimized,
          .exceptions = exceptions_of(ProbeState::stepped),
          .borrowed = true};
}

}  // namespace

const std::vector<PublishedTimes>& published_times() {
  static const std::vector<PublishedTimes> kAll{
      {"krst-e5410-64", "Xeon E5410, 2.33 GHz", 990, 430, 60, 5, 5, {kOldKernel, kNewKernel}},
      // 1765 and 168 cycles, by an empty BPF program
      {"xkernel-int3-jmp",
       "Xeon Gold 5512U, 2.1 GHz",
       1765 / kGoldGhz,
       std::nullopt,
       168 / kGoldGhz,
       0.5 / kGoldGhz,
       0.5 / kGoldGhz,
       {kNewKernelBpf, kNewKernel}},
      // 498 and 63 cycles, each the difference of two whole numbers
      {"molnar-getpid",
       "Athlon64, 2.16 GHz",
       498 / kAthlonGhz,
       std::nullopt,
       63 / kAthlonGhz,
       1 / kAthlonGhz,
       1 / kAthlonGhz,
       {kOldKernel, kNewKernel}},
      // Int3 and boosted in January 2006; the jump, "about 100", in October 2005
      {"hiramatsu-int3", "Pentium 4, 3.06 GHz", 1270, 573, 100, 1, 10, {kOldKernel, kNewKernel}},
  };
  return kAll;
}

std::vector<TimeConstants> constants_of(const PublishedTimes& times) {
  std::vector<TimeConstants> all;
  for (const auto& lengths : times.lengths) add_constants(times, lengths, all);
  return all;
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
    case ProbeState::user_brk:
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
  for (const auto& row : per_hit.rows) {
    if (row.cell.handler != Handler::nop || row.cell.driver != DriverId::module) continue;
    ModelledTime time{row.cell.probe_type, row.state, nothing()};
    for_all_constants([&](const auto& constants) {
      include(time.ns, time_of(constants, row.per_hit, exceptions_of(row.state)));
    });
    all.push_back(time);
  }
  return all;
}

std::optional<FittedConstants> fit_constants(const std::vector<TimedHit>& hits) {
  if (hits.size() < kFewestHits) return std::nullopt;
  const auto constants = solve(hits);
  if (!constants) return std::nullopt;
  FittedConstants fit{*constants, hits.size(), 0};
  for (const auto& hit : hits) {
    const auto others = solve(hits, &hit);
    if (!others) return std::nullopt;
    fit.leave_one_out_percent = std::max(fit.leave_one_out_percent, error_of(hit, *others));
  }
  return fit;
}

std::vector<TimedHit> timed_hits(const std::vector<CellRecord>& cells) {
  std::vector<TimedHit> hits;
  for (const auto& cell : cells) {
    const auto& summary = cell.summary;
    if (cell.result.status != CellStatus::measured || cell.result.cell.handler != Handler::nop) continue;
    if (!summary.ns_per_hit || !summary.instructions_per_hit || summary.ns_per_hit->value <= 0) continue;
    hits.push_back({summary.instructions_per_hit->value, exceptions_of(cell.result.evidence.state),
                    summary.ns_per_hit->value});
  }
  return hits;
}

std::optional<TimeCurve> time_curve(const std::vector<CellRecord>& cells,
                                    const std::optional<Span>& trap_ns) {
  auto curve = counted_lengths(cells);
  if (!curve && trap_ns) curve = borrowed_lengths();
  if (!curve || curve->jump <= 0) return std::nullopt;
  add_points(*curve);
  add_marks(*curve);
  curve->fit = fit_constants(timed_hits(cells));
  if (curve->fit) curve->fitted_ratio = ratio_of(*curve, curve->fit->constants);
  if (trap_ns) {
    const Interval range{trap_ns->low, trap_ns->high};
    curve->measured = SourceMark{"this run", "this machine", range, ratio_at(*curve, range)};
  }
  return curve;
}

}  // namespace probebench::reproduce
