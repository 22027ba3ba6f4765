// SPDX-License-Identifier: MIT
#pragma once

#include "call/call_site.h"
#include "kernel/control.h"

namespace probebench::call {

// The helper module's sites and loop.
class ModuleSite : public CallSite {
 public:
  ModuleSite(const kernel::Control& control, const kernel::RigLimits& limits)
      : control_(control), limits_(limits) {}

  const kernel::RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override {
    threads_ = cell.threads;
    if (auto status = control_.select(cell); !status) return status;
    const auto look = look_now();
    if (!look) return look.error();
    address_ = look->site_address;
    return Done{};
  }
  attach::SiteLocation location() const override { return {address_}; }
  Result<Evidence> look_now() override { return control_.look_now(); }
  Result<Evidence> look_at_last_window() override { return control_.look_at_last_window(); }
  Result<Window> window(const kernel::WindowRequest& request) override {
    return control_.window(request, threads_);
  }
  bool has_twin() const override { return true; }
  Result<std::uint64_t> missed() override {
    const auto look = look_now();
    if (!look) return look.error();
    return look->missed;
  }

 private:
  const kernel::Control& control_;
  kernel::RigLimits limits_;
  std::uint32_t threads_ = 1;
  std::uint64_t address_ = 0;
};

}  // namespace probebench::call
