// SPDX-License-Identifier: MIT
// Where a probe goes and who calls it: the half of a rig that attaches nothing. One implementation per
// driver.
#pragma once

#include <functional>

#include "base/result.h"
#include "kernel/window_request.h"
#include "model/cell.h"
#include "model/sample.h"

namespace probebench {

class CallSite {
 public:
  virtual ~CallSite() = default;

  virtual const RigLimits& limits() const = 0;
  // Makes the cell's site the one that is read and called.
  virtual Status select(const Cell& cell) = 0;
  // The site's text as it is now, and what else can be seen of a probe there.
  virtual Result<Evidence> look_now() = 0;
  // Calls the site, or its unprobed twin where it has one. Hits are the caller's to fill in.
  virtual Result<Window> window(const WindowRequest& request) = 0;
  // False: the baseline is the site itself with nothing attached.
  virtual bool has_twin() const = 0;
  // As Rig's, of what makes the calls.
  virtual void lay_out_anew() {}
};

// Makes a window and fills in the site's text as it was just before and just after.
Result<Window> window_between_looks(CallSite& site, const std::function<Result<Window>()>& make_window);

// Returns when the site holds these bytes again: un-optimizing waits for the optimizer's next pass.
Status wait_for_text(CallSite& site, const Bytes& original);

}  // namespace probebench
