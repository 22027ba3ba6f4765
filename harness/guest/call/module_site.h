// SPDX-License-Identifier: MIT
#pragma once

#include "call/call_site.h"
#include "kernel/control.h"

namespace probebench {

// The helper module's sites and loop, for probes that others attach.
class ModuleSite : public CallSite {
 public:
  ModuleSite(const Control& control, const RigLimits& limits) : control_(control), limits_(limits) {}

  const RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override {
    threads_ = cell.threads;
    return control_.select(cell);
  }
  Result<Evidence> look_now() override { return control_.look_now(); }
  Result<Window> window(const WindowRequest& request) override { return control_.window(request, threads_); }
  bool has_twin() const override { return true; }

 private:
  const Control& control_;
  RigLimits limits_;
  std::uint32_t threads_ = 1;
};

}  // namespace probebench
