// SPDX-License-Identifier: MIT
// What measures a cell: its probe, attached, and the calls to its site. The session decides what is measured
// and what is valid; a rig only does.
#pragma once

#include <memory>
#include <string>

#include "attach/attachment.h"
#include "base/result.h"
#include "call/call_site.h"
#include "kernel/control.h"
#include "model/cell.h"
#include "model/environment.h"
#include "model/sample.h"

namespace probebench::run {

class Rig {
 public:
  // `control`: as make_attachment() has it.
  Rig(std::unique_ptr<call::CallSite> site, const kernel::Control* control, ClockKind clock)
      : site_(std::move(site)), control_(control), clock_(clock) {}

  // Of the cell that was selected last.
  const kernel::RigLimits& limits() const { return limits_; }
  // Makes the cell's site the rig's; nothing is attached yet.
  Status select(const Cell& cell);
  Status attach();
  // Returns when the original bytes are back.
  Status detach();
  // Evidence of now, or as it was in the last window of the site. `armed` holds the text as seen, whatever it
  // is; `before`, `after`, `state` and the texts are the session's to fill in.
  Result<Evidence> look_now();
  Result<Evidence> look_at_last_window();
  // Where the site has no twin the baseline is the site itself: the probe is detached for it, and attached
  // again for the next armed window. A window that was disturbed is made again, but for the first hit, which
  // there is only one of, and for a marked one, which the caller counts; the last try stands as it is.
  Result<Window> window(const kernel::WindowRequest& request);
  // Between rounds, where the clock is time: code that the kernel was asked to make is made once more. A
  // probe of a site with a twin stays attached, as users' probes do: attaching some takes a second.
  Status reload_code();

 private:
  bool stays_attached() const { return site_->has_twin(); }
  // Once more where chance gave it a place in the kernel that few have.
  Status arm();
  Status disarm();
  Status arm_for(const kernel::WindowRequest& request);
  Result<Window> try_window(const kernel::WindowRequest& request);
  Result<Window> make_window(const kernel::WindowRequest& request);
  Result<Window> plain_window(const kernel::WindowRequest& request);
  Result<Window> counted_window(const kernel::WindowRequest& request);
  Result<attach::HitCounts> counts();

  std::unique_ptr<call::CallSite> site_;
  const kernel::Control* control_;
  ClockKind clock_;
  kernel::RigLimits limits_;
  Cell cell_;
  Evidence at_rest_;
  Evidence last_;                                   // as of the last armed window of a site without a twin
  std::unique_ptr<attach::Attachment> attachment_;  // null: none was asked for
  bool armed_ = false;
  std::string first_hit_;  // see CallSite::make_first_hit()
};

}  // namespace probebench::run
