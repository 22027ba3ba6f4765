// SPDX-License-Identifier: MIT
// The runs of the command that `predict` is asked about, or windows of a process that runs already.
#pragma once

#include <functional>

#include "base/result.h"
#include "experiment/experiments.h"
#include "workload/partner.h"

namespace probebench::experiment {

class PredictRuns {
 public:
  // What they take, and how many processes outlive one, is put into `told`.
  PredictRuns(const PredictPlan& plan, const ExperimentContext& context, PredictCounts& told)
      : plan_(plan), context_(context), told_(told) {}

  // With nothing armed. A process that runs has no such run: its windows are as long as they are.
  Status alone();
  // Counted: `begin` before each of them, `end` behind it.
  Status counted(const std::function<Status()>& begin, const std::function<Status()>& end,
                 const workload::Prepare& prepare = {});

 private:
  void step(const char* how, std::uint32_t index) const;
  Status run_command(const workload::Prepare& prepare) const;
  Status watch_process();

  const PredictPlan& plan_;
  const ExperimentContext& context_;
  PredictCounts& told_;
};

}  // namespace probebench::experiment
