// SPDX-License-Identifier: MIT
// What the gate lets pass: by how much a cost may grow, and which cells may be missing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::gate {

// A change is within limits when it is within either of the first two.
struct Limit {
  double absolute = 0;  // in the metric's unit
  double relative = 0;  // share of the base: 0.02 is 2 %
  double floor = 0.02;  // noisy metrics: smaller changes are never called one
};

struct LimitRule {
  std::string cell;    // a pattern of cell names: * stands for any text
  std::string metric;  // a pattern of metric names
  Limit limit;
};

struct AcceptRule {
  std::string cell;    // a pattern
  std::string reason;  // why it need not be measured
};

struct Limits {
  Limit otherwise;
  std::vector<LimitRule> rules;  // the last that fits counts
  std::vector<AcceptRule> accepts;

  Limit find(std::string_view cell, std::string_view metric) const;
  // The rule that lets the cell be missing, skipped or invalid; null: none.
  const AcceptRule* accepted(std::string_view cell) const;
};

// Rules that none of the cells, or no metric there is, fits, each as it is written: slips, or of another run.
std::vector<std::string> unused_rules(const Limits& limits, const std::vector<std::string_view>& cells);

bool fits(std::string_view pattern, std::string_view name);

// TOML, see docs/gating.md. Every problem is one line that names the file.
Result<Limits> parse_limits(std::string_view text, std::string_view source);
Result<Limits> load_limits(const std::filesystem::path& file);

}  // namespace probebench::gate
