// SPDX-License-Identifier: MIT
// The sites of a suite under one mechanism, from arming to disarming.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/control.h"
#include "kernel/kallsyms.h"
#include "model/experiment.h"
#include "verify/x86/site_choice.h"

namespace probebench::experiment {

// From the functions of a suite to the places in this kernel's text where they can be probed.

struct SuiteSite {
  std::string function;
  std::uint64_t entry = 0;
  std::uint64_t mid = 0;
  std::string obstacle;  // to a jump at `mid`, as its text tells; empty: none seen
};

struct SuiteSites {
  std::vector<SuiteSite> sites;
  std::map<std::string, std::string> refusals;  // by function: why it has no site

  std::vector<std::string> functions() const;
  std::vector<std::uint64_t> addresses(bool past_entry) const;
  SuiteSites without(const std::vector<std::string>& left_out) const;
};

// Why a function may not be probed: the path of a hit, the patching of text and what they call would be
// probed by themselves. Empty: it may.
std::string probe_path_refusal(const std::string& function);

// What find_kernel_functions() must be asked for.
std::set<std::string> symbols_wanted(const std::vector<std::string>& functions);

SuiteSites find_sites(const std::vector<std::string>& functions, const kernel::FunctionTable& table);

// What one window of operations hit.
struct SuiteHits {
  HitCount hits;
  std::vector<StateHits> states;  // hits_per_op: of the whole window, for its operations to divide
  std::vector<SiteHits> by_site;  // so is it here; of the sites that were hit
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
