// SPDX-License-Identifier: MIT
#include "call/kernel_site.h"

#include "kernel/arch.h"
#include "kernel/bpf_text.h"
#include "kernel/kernel_text.h"

namespace probebench::call {

Status KernelSite::select(const Cell& cell) {
  auto driver = TestRunTeam::load(cell, clock_, limits_.tsc_khz);
  if (!driver) return driver.error();
  driver_ = std::move(*driver);
  const auto function = kernel::kernel_symbol_address(std::string(info_of(cell.site).symbol));
  if (!function) return function.error();
  const auto text = kernel::read_kernel_text(*function, kSiteBytes);
  if (!text) return text.error();
  address_ = kernel::ftrace_location(*function, *text);
  return Done{};
}

Result<Evidence> KernelSite::look_now() {
  auto text = kernel::read_kernel_text(address_, kSiteBytes);
  if (!text) return text.error();
  Evidence evidence;
  evidence.site_address = address_;
  evidence.armed = std::move(*text);
  return evidence;
}

Result<Window> KernelSite::window(const kernel::WindowRequest& request) {
  return window_between_looks(*this,
                              [&] { return driver_->window(request.calls, request.cold, request.marked); });
}

}  // namespace probebench::call
