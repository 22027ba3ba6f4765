// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "call/call_site.h"
#include "call/caller_team.h"
#include "call/user_loop.h"
#include "call/user_sites.h"

namespace probebench::call {

// The agent's own functions, which it calls from a loop of its own.
class UserCallSite : public CallSite {
 public:
  UserCallSite(std::uint64_t tsc_khz, ClockKind clock)
      : limits_(user_limits(tsc_khz, clock)), counts_(counts_instructions(clock)) {}

  const kernel::RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override;
  attach::SiteLocation location() const override { return location_; }
  Result<Evidence> look_now() override;
  // Attaching takes tens of milliseconds.
  bool has_twin() const override { return true; }
  // A kernel that turns an int3 into a call does it on the first hit.
  Result<std::string> make_first_hit() override;
  void warm_up(const kernel::WindowRequest& request) override;
  Result<Window> window(const kernel::WindowRequest& request) override;
  std::uint32_t counted_warmup_calls() const override { return 0; }

 private:
  UserFunction function_of(kernel::Subject subject) const {
    return subject == kernel::Subject::site ? functions_.site : functions_.twin;
  }

  kernel::RigLimits limits_;
  std::unique_ptr<CallerTeam> team_;
  UserSite functions_{nullptr, nullptr};
  attach::SiteLocation location_;
  bool counts_ = false;           // instructions: one too many shows
  std::uint64_t warm_since_ = 0;  // the tick that the last warm-up came behind
};

}  // namespace probebench::call
