// SPDX-License-Identifier: MIT
// One cell as a Google Benchmark: one iteration is one paired round, manual time is the cost of a hit.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/cell.h"
#include "model/marked_loops.h"
#include "model/sample.h"
#include "offer/offer.h"
#include "run/rig.h"

namespace benchmark {
class State;
}

namespace probebench::bench {

// Who hears of cells as they are measured.
struct CellListener {
  std::function<void(const Cell&)> begin;
  std::function<void(const CellResult&)> end;
  std::function<void(const Cell&, const MarkedLoops&)> paths = {};  // set: marked loops are wanted
};

// What all cells of a run share.
struct CellContext {
  std::function<std::unique_ptr<run::Rig>(const Cell&)> make_rig;
  offer::Offer offer;
  std::uint64_t tsc_khz = 0;
  ClockKind clock = ClockKind::instructions;
  std::uint64_t seed = 1;
  CellListener listener;
  std::uint32_t marked_loops = 0;  // made so far
  // Results so far by cell name: a repetition adds its rounds to those of the earlier ones.
  std::map<std::string, CellResult> results;
};

// Measures the cell within `state`'s loop and tells the listener. A cell that is not measured is an error of
// the benchmark, with the reason as its message.
void run_cell(benchmark::State& state, const Cell& cell, CellContext& context);

}  // namespace probebench::bench
