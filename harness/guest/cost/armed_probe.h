// SPDX-License-Identifier: MIT
// A user's probe, armed while something else than its workload runs.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "cost/armer.h"
#include "cost/hits.h"
#include "model/cost.h"

namespace probebench::cost {

class ArmedProbe {
 public:
  static Result<ArmedProbe> arm(const CostPlan& plan);

  // Of each of its programs or events, since ever.
  Result<std::vector<ProbeHits>> hits() { return counter_->read(); }
  Status disarm();

 private:
  ArmedProbe(std::unique_ptr<Armer> armer, std::unique_ptr<HitCounter> counter)
      : armer_(std::move(armer)), counter_(std::move(counter)) {}

  std::unique_ptr<Armer> armer_;
  std::unique_ptr<HitCounter> counter_;  // the first to go
};

}  // namespace probebench::cost
