// SPDX-License-Identifier: MIT
// Accepted counts, kept in git: one file for each place that counts are equal in (ci/baselines/). One line a
// cell, so that a diff shows what changed; every update has its reason in the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/side.h"

namespace probebench::gate {

// Facts that say what is judged, not where. The module is the project's own code: if a changed module made a
// place of its own, no change of it could ever be called a regression.
inline constexpr std::array<std::string_view, 1> kJudgedFacts{"module.sha256"};

struct BaselineUpdate {
  std::string when;  // start of the run that was accepted
  std::string reason;
  std::string tool_version;
  std::size_t changed = 0;  // cells that are new, gone or different
};

struct Baseline {
  SideTarget target;
  std::vector<BaselineUpdate> updates;  // oldest first
};

std::string write_baseline(const Baseline& baseline);
Result<Baseline> read_baseline(std::string_view text, std::string_view source);

// A baseline's file is named after its place: "vm-tcg-6.12.117-0123abcd.json". An id that cannot be part of a
// file's name is refused: it is what a results file says.
Result<std::string> baseline_file_name(const SideTarget& target);

// The target of a run with what `earlier` (nothing: no file yet) has in history, and one more update. Refuses
// what cannot be a baseline: cells that failed, or that have no exact count.
Result<Baseline> updated_baseline(const SideTarget& target, const Baseline* earlier, BaselineUpdate update);

Side side_of(Baseline baseline, std::string_view source);

}  // namespace probebench::gate
