// SPDX-License-Identifier: MIT
#pragma once

#include "probe/control.h"
#include "probe/rig.h"

namespace probebench {

// Probes that the helper module attaches to its own sites and calls from its own loop.
class KmodRig : public Rig {
 public:
  KmodRig(const Control& control, const RigLimits& limits) : control_(control), limits_(limits) {}

  const RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override {
    threads_ = cell.threads;
    return control_.select(cell);
  }
  Status attach(const Cell& cell) override { return control_.attach(cell); }
  Status detach() override { return control_.detach(); }
  Result<Evidence> look_now() override { return control_.look_now(); }
  Result<Evidence> look_at_last_window() override { return control_.look_at_last_window(); }
  Result<Window> window(const WindowRequest& request) override { return control_.window(request, threads_); }

 private:
  const Control& control_;
  RigLimits limits_;
  std::uint32_t threads_ = 1;
};

}  // namespace probebench
