// SPDX-License-Identifier: MIT
// The plan's cells, registered with and run by Google Benchmark.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cell_benchmark.h"
#include "model/cell.h"

namespace probebench::bench {

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
