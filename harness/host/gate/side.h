// SPDX-License-Identifier: MIT
// One side of a comparison: what a results file or a baseline says, without samples and evidence.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/environment.h"
#include "model/sample.h"
#include "model/summary.h"

namespace probebench::gate {

struct Figure {
  std::string_view metric;  // a name of kMetrics
  Metric value;
};

// A hit takes instructions; exceptions it may take none.
constexpr double least_of(const MetricInfo& metric) {
  return metric.leads == Leads::never ? 0 : 1;
}

// Of TYPE/DRIVER/SITE/HANDLER/threads:N.
inline constexpr std::size_t kHandlerPart = 3;

struct SideCell {
  std::string name;
  CellStatus status = CellStatus::measured;
  std::string reason;            // why it was not measured
  bool unreached = false;        // the run ended before it
  std::string state;             // of the probe site, as observed; empty: not known
  bool in_own_list = false;      // its second trap is looked up in the list of kprobes that holds the probe
  std::size_t calls = 0;         // N of the first armed window; 0: no samples
  std::vector<Figure> figures;   // those there are, in the order of kMetrics
  std::string no_figure_reason;  // why the others are absent

  const Figure* find(std::string_view metric) const;
};

using Facts = std::map<std::string, std::string>;

struct SideTarget {
  std::string id;
  std::string fingerprint;  // empty: the target never came up
  std::string ended;        // why it ended early
  Facts identity;           // kind, accel, clock and the facts of the fingerprint
  Facts others;             // every other fact; they decide nothing
  std::vector<SideCell> cells;

  // Not of one that never came up.
  std::optional<ClockKind> clock() const {
    const auto named = identity.find("clock");
    const auto is_it = [&](const ClockInfo& info) {
      return named != identity.end() && info.name == named->second;
    };
    const auto* info = std::ranges::find_if(kClocks, is_it);
    return info == kClocks.end() ? std::nullopt : std::optional(info->id);
  }
};

struct Side {
  std::string source;        // the file or folder, as it was named
  std::string folder;        // where the file lies
  bool is_baseline = false;  // accepted counts, see gate/baseline.h
  bool is_folder = false;    // of baselines: those that the other side does not need are left alone
  std::string started;       // of the run
  std::string tool_version;
  std::vector<SideTarget> targets;
};

// Cells of one target have different names.
inline const SideCell* find_cell(const SideTarget& target, std::string_view name) {
  for (const auto& cell : target.cells) {
    if (cell.name == name) return &cell;
  }
  return nullptr;
}

inline const Figure* SideCell::find(std::string_view metric) const {
  for (const auto& figure : figures) {
    if (figure.metric == metric) return &figure;
  }
  return nullptr;
}

}  // namespace probebench::gate
