// SPDX-License-Identifier: MIT
// A cell's probe, and the account of its hits that goes with the way it is attached: the half of a rig that
// makes no calls. One implementation for each interface of the kernel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/control.h"
#include "model/cell.h"
#include "model/environment.h"
#include "model/sample.h"

namespace probebench::attach {

// Where the kernel finds a site: in its own text by address; in a process by a place in a file, since it
// attaches to files.
struct SiteLocation {
  std::uint64_t address = 0;          // the first byte that is patched
  std::filesystem::path binary = {};  // empty: kernel text
  std::uint64_t offset = 0;           // in the file

  bool in_file() const { return !binary.empty(); }
};

// From what the kernel counted around a window to the window's hits.

// What the kernel had counted at some moment, or since one.
struct HitCounts {
  std::vector<std::uint64_t> runs;  // of the handler: by CPU, or one sum for all
  std::uint64_t missed = 0;
};

HitCounts growth(const HitCounts& before, const HitCounts& after);

// How runs make up a window's hits.
struct RunsOfWindow {
  std::uint32_t per_hit = 1;       // a session runs at entry and at return
  std::uint32_t warmup_calls = 0;  // of each thread, counted but not the window's
};

// Fills in hits, those elsewhere, those of each thread, and misses: a session that ran at only one end of a
// call missed the other. Returns the runs on the window's own CPUs, warm-up calls included.
std::uint64_t assign_hits(Window& window, const HitCounts& grown, const RunsOfWindow& composition);

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
  // Of a type among all functions, while it is attached.
  virtual std::optional<Crowd> crowd() const { return std::nullopt; }
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
