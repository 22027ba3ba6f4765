// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

#include "attach/event_attachment.h"
#include "call/call_site.h"
#include "run/rig.h"

namespace probebench {

// Trace events and perf events on kernel text.
class EventRig : public Rig {
 public:
  explicit EventRig(std::unique_ptr<CallSite> site) : site_(std::move(site)), limits_(site_->limits()) {}

  // Of the cell that was selected last.
  const RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override;
  Status attach(const Cell& cell) override;
  Status detach() override;
  Result<Evidence> look_now() override;
  Result<Evidence> look_at_last_window() override { return look_now(); }
  Result<Window> window(const WindowRequest& request) override;

 private:
  Status add_hits(Window& window, const WindowRequest& request, const Evidence& before);

  std::unique_ptr<CallSite> site_;
  RigLimits limits_;
  Evidence at_rest_;
  AttachedEvent attached_;
};

}  // namespace probebench
