// SPDX-License-Identifier: MIT
// The workloads of a group of a suite, row by row: what they take with nothing armed, and with a set.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "experiment/armed_suite.h"
#include "experiment/workload_rig.h"
#include "model/experiment.h"
#include "model/plan.h"

namespace probebench::experiment {

template <typename Record>
void fail(Record& record, const Error& error) {
  record.status = error.fault == Fault::unsupported ? CellStatus::skipped : CellStatus::errored;
  record.reason = error.message();
}

// A workload of a group: what runs it, and what is told of it.
struct Member {
  std::optional<WorkloadRig> rig;  // absent: it cannot run here
  Workload told;
  std::vector<double> base_ahead = {};  // the baseline after the last row, which is the next one's as well

  WorkloadRow& row() { return told.rows.back(); }
  const WorkloadRow& row() const { return told.rows.back(); }
  bool measured() const { return rig && !told.rows.empty() && row().status == CellStatus::measured; }
  // By what share an operation took longer in the last row than before and after it.
  double overhead() const;
};

class SuiteMembers {
 public:
  SuiteMembers(const WorkloadPlan& plan, const SuitePlan& suite, const SuiteGroup& group);

  std::vector<Member>& all() { return members_; }
  const std::vector<Member>& all() const { return members_; }

  // A row for each, with a baseline of its own (memory ages while mechanisms take turns) unless it is known
  // that nothing will be measured.
  void begin_rows(const WorkloadRow& like, bool measured);
  void fail_rows(const Error& error);
  // Counts and times each, then disarms.
  void measure(ArmedSuite& armed);
  // The baseline behind the last row, now. False: it could not be measured.
  bool look_ahead(Member& member) const;
  void end(Member& member) const;

 private:
  Result<std::vector<double>> baseline(Member& member) const;
  Result<std::vector<double>> timed(WorkloadRig& rig) const;
  Status time(ArmedSuite& armed, WorkloadRig& rig, WorkloadRow& row) const;

  const WorkloadPlan& plan_;
  const SuitePlan& suite_;
  std::vector<Member> members_;
};

}  // namespace probebench::experiment
