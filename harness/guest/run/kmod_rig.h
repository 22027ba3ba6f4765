// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "kernel/control.h"
#include "run/rig.h"

namespace probebench {

// Probes that the helper module attaches to its own sites and calls from its own loop.
class KmodRig : public Rig {
 public:
  KmodRig(const Control& control, const RigLimits& limits)
      : control_(control), module_limits_(limits), limits_(limits) {}

  const RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override {
    threads_ = cell.threads;
    limits_ = module_limits_;
    // A page of the ring buffer that is turned makes a count inexact (kmod/pb_work.h).
    if (cell.handler == Handler::record) limits_.max_calls = std::min(limits_.max_calls, kRecordsOnAPage);
    return control_.select(cell);
  }
  Status attach(const Cell& cell) override { return control_.attach(cell); }
  Status detach() override { return control_.detach(); }
  Result<Evidence> look_now() override { return control_.look_now(); }
  Result<Evidence> look_at_last_window() override { return control_.look_at_last_window(); }
  Result<Window> window(const WindowRequest& request) override { return control_.window(request, threads_); }

 private:
  static constexpr std::uint32_t kRecordsOnAPage = 100;

  const Control& control_;
  RigLimits module_limits_;
  RigLimits limits_;  // of the cell that was selected last
  std::uint32_t threads_ = 1;
};

}  // namespace probebench
