// SPDX-License-Identifier: MIT
// The seam between a cell's session and what attaches its probe and makes its calls: one implementation per
// backend. The session decides what is measured and what is valid; a rig only does.
#pragma once

#include "base/result.h"
#include "kernel/window_request.h"
#include "model/cell.h"
#include "model/sample.h"

namespace probebench {

class Rig {
 public:
  virtual ~Rig() = default;

  virtual const RigLimits& limits() const = 0;
  // Makes the cell's site the rig's; nothing is attached yet.
  virtual Status select(const Cell& cell) = 0;
  virtual Status attach(const Cell& cell) = 0;
  // Returns when the original bytes are back.
  virtual Status detach() = 0;
  // Evidence of now, or as it was in the last window of the site. `armed` holds the text as seen, whatever it
  // is; `before`, `after`, `state` and the texts are the session's to fill in.
  virtual Result<Evidence> look_now() = 0;
  virtual Result<Evidence> look_at_last_window() = 0;
  virtual Result<Window> window(const WindowRequest& request) = 0;
  // Between rounds, where the clock is time: code that the rig had the kernel make is made once more, and the
  // next armed window attaches it. The kernel begins a program at a random place within 64 bytes
  // (bpf_jit_binary_pack_alloc()), which moves the cost of a hit by some per cent: an estimate from one place
  // would be repeatable within its process only.
  virtual Status lay_out_anew() { return Done{}; }
};

}  // namespace probebench
