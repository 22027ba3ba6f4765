// SPDX-License-Identifier: MIT
// The plan's cells, registered with and run by Google Benchmark.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/cell.h"
#include "model/environment.h"
#include "model/plan.h"
#include "model/sample.h"
#include "offer/offer.h"
#include "run/rig.h"

namespace benchmark {
class State;
}

namespace probebench::bench {

// One cell as a Google Benchmark: one iteration is one paired round, manual time is the cost of a hit.

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
  // Of what passes, while a cell's probe is there: asked for where there is a listener for paths.
  std::function<Result<std::string>()> symbols;
  std::uint32_t marked_loops = 0;  // made so far
  // Results so far by cell name: a repetition adds its rounds to those of the earlier ones.
  std::map<std::string, CellResult> results;
};

// Measures the cell within `state`'s loop and tells the listener. A cell that is not measured is an error of
// the benchmark, with the reason as its message.
void run_cell(benchmark::State& state, const Cell& cell, CellContext& context);

// Where Google Benchmark's own output goes, piece by piece.
using TextSink = std::function<void(std::string_view)>;

class BenchmarkRun {
 public:
  // Registers the cells and takes the plan's Google Benchmark flags. A flag that the library does not know
  // is a usage error.
  static Result<BenchmarkRun> prepare(const Plan& plan, CellContext& context);

  // Names of the cells that the flags select, in order.
  const std::vector<std::string>& selected() const { return selected_; }
  // True when the flags only ask for the list of names.
  bool lists_only() const { return lists_only_; }

  // Runs them; `json` gets the library's JSON.
  void run(const TextSink& json) const;

 private:
  std::vector<std::string> selected_;
  bool lists_only_ = false;
};

}  // namespace probebench::bench
