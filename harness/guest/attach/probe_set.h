// SPDX-License-Identifier: MIT
// Many probes of one mechanism at once, at any address of the kernel or of a module (kmod/pb_set.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kernel/control.h"
#include "model/handler.h"
#include "model/probe_type.h"
#include "model/sample.h"

namespace probebench::attach {

inline constexpr std::size_t kMaxSet = 2048;

// What runs on a hit: a handler, or a count of each probe's own hits.
struct SetHandler {
  HandlerChoice handler = {Handler::count};
  bool tally = false;
};

struct SetRequest {
  Mechanism mechanism = Mechanism::kprobe;  // kprobe, kprobe_post, kretprobe or ftrace
  SetHandler handler = {};
  std::vector<std::uint64_t> addresses;  // of instructions; for ftrace, of functions
  std::uint32_t maxactive = 0;           // of kretprobes; 0: the kernel's choice
};

// One probe of a set. A refused one has its errno and the step, and takes no part in anything else.
struct SetProbe {
  std::uint64_t address = 0;  // the first byte that the mechanism patches
  std::uint64_t hits = 0;     // counted by the tally
  std::uint64_t missed = 0;   // the kernel's own count
  int error = 0;
  std::string step;       // "register", "arm", "disarm"; empty: nothing failed
  bool prepared = false;  // a detour buffer exists: it is optimized, or will be once that is allowed
  bool waiting = false;   // queued for the optimizer, which has not come yet
  Bytes original;
  Bytes now;
};

struct SetTotals {
  std::uint32_t probes = 0;
  std::uint32_t registered = 0;
  std::uint32_t patched = 0;  // whose text is not the original
  std::uint32_t jumps = 0;    // that begin with a jmp
  std::uint64_t hits = 0;     // of the handler `count`, since the module was loaded
  std::uint64_t tallied = 0;  // since the set was defined
  std::uint64_t missed = 0;
};

// Owns the control device's one set; its destructor disarms and unregisters.
class ProbeSet {
 public:
  // Registers without arming. Fails only when the set as a whole is refused.
  static Result<ProbeSet> define(const kernel::Control& control, const SetRequest& request);

  ProbeSet(ProbeSet&& other) noexcept : device_(std::exchange(other.device_, -1)), size_(other.size_) {}
  ProbeSet& operator=(ProbeSet&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(size_, other.size_);
    return *this;
  }
  ProbeSet(const ProbeSet&) = delete;
  ProbeSet& operator=(const ProbeSet&) = delete;
  ~ProbeSet();

  Status arm();
  // Waits until the optimizer has been at every probe that it can take.
  Status wait_until_settled(std::chrono::milliseconds deadline = std::chrono::seconds(10)) const;
  Status use_handler(const SetHandler& handler);
  // Returns when the original bytes are back, and fails when they are not.
  Status disarm();
  // Unregisters; what is armed is disarmed first.
  Status clear();

  std::size_t size() const { return size_; }
  Result<SetTotals> totals() const;
  // In the order of the request's addresses.
  Result<std::vector<SetProbe>> probes() const;
  // Bytes, slot and detour of one probe, with the original text as `before`; `state` is the caller's to find.
  Result<Evidence> look(std::size_t index, const SetProbe& probe) const;

 private:
  ProbeSet(int device, std::size_t size) : device_(device), size_(size) {}

  int device_;  // the control's; -1: there is no set any more
  std::size_t size_;
};

}  // namespace probebench::attach
