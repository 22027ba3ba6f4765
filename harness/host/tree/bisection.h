// SPDX-License-Identifier: MIT
// Which commit changed what a probe costs: `git bisect` over exact counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/report.h"
#include "kernels/progress.h"
#include "tree/commit_lab.h"

namespace probebench::tree {

enum class StepVerdict { good, bad, skip };

struct BisectStep {
  Commit commit;
  StepVerdict verdict = StepVerdict::skip;
  std::string why;  // a third value, a build that failed; empty: as one of the ends
};

struct Bisection {
  Commit good;
  Commit bad;
  std::vector<std::string>
      cells;  // that told the commits apart, the cheapest that differ; empty: none differs
  std::vector<BisectStep> steps;
  std::optional<Commit> culprit;
  std::vector<Commit> candidates;  // where skipped commits left several
  gate::Report report;             // from the last good commit to the first bad one, with functions
};

// What `git bisect` said: the first bad commit, or those that are left when only skipped ones are.
struct BisectAnswer {
  std::string culprit;
  std::vector<std::string> candidates;

  bool ended() const { return !culprit.empty() || !candidates.empty(); }
};
BisectAnswer bisect_answer(std::string_view said);

// Measures both ends, takes the cheapest cells that differ, and asks `git bisect`. A commit that does not
// build, or whose cells cannot be measured, is skipped. One that has neither end's count counts as bad: the
// first commit that changes anything is searched for, and the report says that there is a second one.
Result<Bisection> bisect(const TreeRequest& request, const std::string& good, const std::string& bad,
                         kernels::Progress& progress);

}  // namespace probebench::tree
