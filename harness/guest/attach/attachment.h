// SPDX-License-Identifier: MIT
// A cell's probe, and the account of its hits that goes with the way it is attached: the half of a rig that
// makes no calls. One implementation for each interface of the kernel.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "attach/hit_counts.h"
#include "attach/site_location.h"
#include "base/result.h"
#include "kernel/control.h"
#include "model/cell.h"

namespace probebench::attach {

// The destructor detaches.
class Attachment {
 public:
  virtual ~Attachment() = default;

  // Once more after remove(), too; what was loaded for it stays loaded.
  virtual Status attach() = 0;
  virtual Status remove() = 0;

  // Gets ready for a window: what a hit does from now on, and counting where counts() says so.
  virtual Status begin(Handler handler) = 0;
  virtual void end() {}
  // Whether tally() says what a window with this handler hit.
  virtual bool counts(Handler handler) const = 0;
  // Between begin() and end(): hits since some fixed moment.
  virtual Result<HitCounts> tally() = 0;
  // How often the handler runs on one hit.
  virtual std::uint32_t runs_per_hit() const { return 1; }

  // What was made to attach it, by the kernel's names; may be empty. While it is attached.
  virtual std::string description() const = 0;
  // While it is not attached: has the kernel make its code once more. A program begins at a random place
  // within 64 bytes (bpf_jit_binary_pack_alloc()), which moves the cost of a hit by some per cent: an
  // estimate from one place would be repeatable within its process only.
  virtual Status reload_code() { return Done{}; }
};

// An unsupported error for what the cell's interface cannot do: handlers, threads.
Status check_attachable(const Cell& cell);

// The longest window whose hits can all be counted, or recorded at the same cost each.
std::uint32_t most_calls(const Cell& cell, ClockKind clock);

// `control`: null where the helper module is not loaded; no cell that its probes belong to is asked for then.
std::unique_ptr<Attachment> make_attachment(const Cell& cell, const SiteLocation& location,
                                            const kernel::Control* control);

}  // namespace probebench::attach
