// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "call/call_site.h"
#include "call/test_run_team.h"

namespace probebench::call {

// One of the kernel's own functions, called by the test-run driver. It has no twin: the baseline is the same
// function with nothing attached.
class KernelSite : public CallSite {
 public:
  KernelSite(std::uint64_t tsc_khz, ClockKind clock)
      : limits_(TestRunDriver::limits(tsc_khz)), clock_(clock) {}

  const kernel::RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override;
  attach::SiteLocation location() const override { return {address_}; }
  Result<Evidence> look_now() override;
  Result<Window> window(const kernel::WindowRequest& request) override;
  bool has_twin() const override { return false; }
  void reload_code() override { driver_->reload_code(); }

 private:
  kernel::RigLimits limits_;
  ClockKind clock_;
  std::optional<TestRunTeam> driver_;
  std::uint64_t address_ = 0;  // what ftrace patches
};

}  // namespace probebench::call
