// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "attach/uprobe_attachment.h"
#include "call/caller_team.h"
#include "call/user_loop.h"
#include "call/user_sites.h"
#include "run/rig.h"

namespace probebench {

// Uprobes on the agent's own functions, which it calls from a loop of its own. The probe stays attached while
// windows of the site and of its twin alternate: attaching takes tens of milliseconds.
class UprobeRig : public Rig {
 public:
  UprobeRig(std::uint64_t tsc_khz, ClockKind clock) : limits_(user_limits(tsc_khz, clock)), clock_(clock) {}

  const RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override;
  // Makes one call: a kernel that turns an int3 into a call does it on the first hit.
  Status attach(const Cell& cell) override;
  Status detach() override;
  Result<Evidence> look_now() override;
  Result<Evidence> look_at_last_window() override { return look_now(); }
  Result<Window> window(const WindowRequest& request) override;

 private:
  Result<Window> counted_window(UserFunction function, const WindowRequest& request);
  void warm_up(UserFunction function, const WindowRequest& request) const;
  Window plain_window(UserFunction function, const WindowRequest& request) const;
  Window timed_window(UserFunction function, const WindowRequest& request) const;

  RigLimits limits_;
  ClockKind clock_;
  Cell cell_;
  std::unique_ptr<CallerTeam> team_;
  UserSite functions_{nullptr, nullptr};
  UserSiteLocation location_;
  AttachedUprobe attached_;
  std::string first_bytes_;  // of the site, attached but not yet hit
};

}  // namespace probebench
