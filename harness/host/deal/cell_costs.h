// SPDX-License-Identifier: MIT
// How long each cell, and each step of an experiment, took last time, for dealing those of the next run.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "model/cell.h"

namespace probebench::deal {

// Of a cell that nobody has measured yet.
inline constexpr double kUnknownCostSeconds = 0.3;

inline constexpr double kUnknownStepSeconds = 1.0;

struct CellTime {
  Cell cell;
  double seconds = 0;
};

struct StepTime {
  std::string name;
  double seconds = 0;
};

// What one guest took for what it ended.
struct Times {
  std::vector<CellTime> cells = {};
  std::vector<StepTime> steps = {};
};

// Of one target: whether a kernel has a feature makes more difference than anything else.
class CellCosts {
 public:
  // Of the cache; empty where there are none, or what is there cannot be read.
  static CellCosts load(const fs::path& cache, const std::string& target);

  double expected_s(const Cell& cell, std::uint32_t rounds) const;
  std::vector<double> expected_s(std::span<const Cell> cells, std::uint32_t rounds) const;
  // Of all steps whose names begin so, of which there are so many.
  double expected_steps_s(std::string_view names_begin, std::size_t steps) const;
  // What it took now moves what is expected half of the way.
  void observe(const Times& seen, std::uint32_t rounds);
  // Replaces the target's part of the table in the cache.
  Status save(const fs::path& cache) const;

 private:
  void observe(const std::string& key, double seconds);

  std::string target_;
  // Of a cell with few rounds, by its name without threads; of a step.
  std::map<std::string, double, std::less<>> seconds_;
};

}  // namespace probebench::deal
