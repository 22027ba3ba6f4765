// SPDX-License-Identifier: MIT
// Which sites of a suite to leave out, so that no workload is slowed down by more than a line: hits and what
// a hit costs choose them, and what is then measured corrects the choice.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/plan.h"

namespace probebench::experiment {

// Of a workload: by function, what its hits add to an operation, as a share of the operation unprobed.
using SiteShares = std::map<std::string, double>;

class Pruning {
 public:
  // `line` is a share, too.
  explicit Pruning(double line) : line_(line) {}

  void add(WorkloadId workload, SiteShares shares) { loads_[workload].shares = std::move(shares); }
  bool knows(WorkloadId workload) const { return loads_.contains(workload); }
  // Its overhead with all but the sites that are left out now. Where the prediction is on the other side of
  // the line, it is corrected by that factor from here on.
  void take(WorkloadId workload, double overhead);

  // The workloads that were measured above the line, or at it.
  std::vector<WorkloadId> above() const;
  // Chooses anew which sites are left out; false: the choice is the one that was measured. Sites go by what
  // that saves on the workloads predicted above the line, the hottest first; then each that turned out not to
  // be needed comes back.
  bool choose();
  // The hottest first.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  struct Load {
    SiteShares shares;
    double correction = 1;
    double measured = 0;
  };

  double predicted(const Load& load, const std::set<std::string>& left_out) const;
  bool all_below(const std::set<std::string>& left_out) const;
  // Empty: there is none that saves anything.
  std::string hottest(const std::set<std::string>& left_out) const;

  double line_;
  std::map<WorkloadId, Load> loads_;
  std::vector<std::string> left_out_;
};

}  // namespace probebench::experiment
