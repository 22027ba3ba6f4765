// SPDX-License-Identifier: MIT
// How long each cell took last time, for dealing the cells of the next run.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/cell.h"

namespace probebench::deal {

// Of a cell that nobody has measured yet.
inline constexpr double kUnknownCostSeconds = 0.3;

struct CellTime {
  Cell cell;
  double seconds = 0;
};

// Of one target: whether a kernel has a feature makes more difference than anything else.
class CellCosts {
 public:
  // Of the cache; empty where there are none, or what is there cannot be read.
  static CellCosts load(const fs::path& cache, const std::string& target);

  double expected_s(const Cell& cell, std::uint32_t rounds) const;
  std::vector<double> expected_s(std::span<const Cell> cells, std::uint32_t rounds) const;
  // What it took now moves what is expected half of the way.
  void observe(const CellTime& seen, std::uint32_t rounds);
  // Replaces the target's part of the table in the cache.
  Status save(const fs::path& cache) const;

 private:
  std::string target_;
  std::map<std::string, double> seconds_;  // of a cell with few rounds, by its name without threads
};

}  // namespace probebench::deal
