// SPDX-License-Identifier: MIT
#include "cell_benchmark.h"

#include <benchmark/benchmark.h>

#include <algorithm>

#include "model/summary.h"
#include "run/cell_session.h"
#include "stats/slope.h"
#include "verify/judge.h"

namespace probebench::bench {
namespace {

// Google Benchmark wants seconds. Where the clock counts instructions, one "nanosecond" stands for one.
double seconds_per_hit(const Round& round, const CellContext& context) {
  const double ticks = stats::overhead(round, stats::Counter::ticks).value_or(0);
  const double ticks_per_second =
      counts_instructions(context.clock) ? 1e9 : static_cast<double>(context.tsc_khz) * 1e3;
  return std::max(0.0, ticks / ticks_per_second);
}

double total_hits(const CellResult& result) {
  double hits = 0;
  for (const auto& round : result.rounds) {
    hits += static_cast<double>(round.counted().n.hits + round.counted().twice_n.hits);
  }
  return hits;
}

double total_missed(const CellResult& result) {
  double missed = 0;
  for (const auto& round : result.rounds) {
    missed += static_cast<double>(round.counted().n.missed + round.counted().twice_n.missed);
  }
  return missed;
}

void set_counters(benchmark::State& state, const CellResult& result, const CellContext& context) {
  if (result.rounds.empty()) return;
  const auto& last = result.rounds.back();
  const auto unit =
      name_of(counts_instructions(context.clock) ? &Summary::instructions_per_hit : &Summary::ticks_per_hit);
  state.counters[std::string(unit)] = stats::overhead(last, stats::Counter::ticks).value_or(0);
  if (const auto cycles = stats::overhead(last, stats::Counter::cycles)) {
    state.counters[std::string(name_of(&Summary::cycles_per_hit))] = *cycles;
  }
  state.counters["hits"] = total_hits(result);
  state.counters["missed"] = total_missed(result);
}

// Rounds of earlier repetitions come first; the verdict is on all of them.
CellResult joined(const CellResult& earlier, CellResult now, ClockKind clock) {
  if (now.status != CellStatus::measured || earlier.status != CellStatus::measured) {
    return earlier.status == CellStatus::measured ? now : earlier;
  }
  now.rounds.insert(now.rounds.begin(), earlier.rounds.begin(), earlier.rounds.end());
  if (const auto reason = verify::judge(now, clock)) {
    now.status = CellStatus::invalid;
    now.reason = *reason;
  }
  return now;
}

void report(const CellResult& result, CellContext& context) {
  const auto name = result.cell.name();
  const auto earlier = context.results.find(name);
  const auto whole =
      earlier == context.results.end() ? result : joined(earlier->second, result, context.clock);
  context.results[name] = whole;
  context.listener.end(whole);
}

}  // namespace

void run_cell(benchmark::State& state, const Cell& cell, CellContext& context) {
  context.listener.begin(cell);
  const auto rig = context.make_rig(cell);
  run::CellSession session(rig.get(), context.offer, cell, context.clock, context.seed);
  MarkedLoops loops;
  if (session.start()) {
    bool failed = false;
    for ([[maybe_unused]] auto iteration : state) {
      const Round* round = failed ? nullptr : session.round();
      failed = round == nullptr;
      state.SetIterationTime(failed ? 0 : seconds_per_hit(*round, context));
    }
    if (!failed && context.listener.paths) failed = !session.mark_loops(context.marked_loops, loops);
    if (!failed) session.finish();
  }
  const auto& result = session.result();
  set_counters(state, result, context);
  if (result.status != CellStatus::measured) {
    const auto message = std::string(name_of(result.status)) + ": " + result.reason;
    state.SkipWithError(message.c_str());
  }
  report(result, context);
  if (context.listener.paths && result.status == CellStatus::measured) context.listener.paths(cell, loops);
}

}  // namespace probebench::bench
