// SPDX-License-Identifier: MIT
// The sites of a suite under one mechanism, from arming to disarming.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/suite_sites.h"
#include "kernel/control.h"
#include "model/workload.h"

namespace probebench::experiment {

// What one window of operations hit.
struct SuiteHits {
  HitCount hits;
  std::vector<StateHits> states;  // hits_per_op: of the whole window, for its operations to divide
};

// Where a probe of the suite was seen to be.
struct ArmedSite {
  std::string function;
  std::string obstacle;  // as in SuiteSite
  ProbeState state = ProbeState::unknown;
  bool prepared = false;
};

class ArmedSuite {
 public:
  virtual ~ArmedSuite() = default;

  virtual const std::vector<ArmedSite>& sites() const = 0;
  // By function: why it is not armed.
  virtual const std::map<std::string, std::string>& refusals() const = 0;
  // Runs the operations as often as it takes to count them twice, in two ways that know nothing of each
  // other.
  virtual Result<SuiteHits> count(const std::function<Status()>& operations) = 0;
  // From the next hit on.
  virtual Status use(HandlerChoice handler) = 0;
  // The kernel's own count since it was armed.
  virtual Result<std::uint64_t> missed() = 0;
  // The functions at which it was, " a b".
  virtual std::string missed_at() = 0;
  // Returns when every byte is back.
  virtual Status disarm() = 0;
};

// An unsupported error where the target lacks the mechanism.
Result<std::unique_ptr<ArmedSuite>> arm_suite(const kernel::Control& control, SuiteMechanism mechanism,
                                              const SuiteSites& sites);

}  // namespace probebench::experiment
