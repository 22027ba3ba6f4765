// SPDX-License-Identifier: MIT
// Sites in the kernel that BPF test runs call.
#pragma once

#include <memory>
#include <optional>

#include "call/call_site.h"
#include "call/test_run_driver.h"
#include "kernel/bpf_text.h"
#include "kernel/kallsyms.h"

namespace probebench::call {

// One of the kernel's own functions, called by the test-run driver. It has no twin: the baseline is the same
// function with nothing attached.
class KernelSite : public CallSite {
 public:
  KernelSite(std::uint64_t tsc_khz, ClockKind clock)
      : limits_(TestRunDriver::limits(tsc_khz, clock)), clock_(clock) {}

  const kernel::RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override;
  attach::SiteLocation location() const override { return {address_}; }
  Result<Evidence> look_now() override;
  Result<Window> window(const kernel::WindowRequest& request) override;
  bool has_twin() const override { return false; }
  void reload_code() override { driver_->reload_code(); }

 private:
  kernel::RigLimits limits_;
  ClockKind clock_;
  std::optional<TestRunTeam> driver_;
  std::optional<kernel::KernelTextFile> text_;
  std::uint64_t address_ = 0;  // what ftrace patches
};

// A tracepoint of the kernel's own, passed by the test-run driver or by a loop of system calls. It has no
// twin: the baseline is the same loop with nothing attached.
//
// Where the kernel switches it on is found by doing so once: the text of the function that it lies in is
// compared. That place is the site whose bytes are the evidence.
class TracepointSite : public CallSite {
 public:
  TracepointSite(std::uint64_t tsc_khz, ClockKind clock) : tsc_khz_(tsc_khz), clock_(clock) {}

  const kernel::RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override;
  attach::SiteLocation location() const override { return {address_}; }
  Result<Evidence> look_now() override;
  Result<Window> window(const kernel::WindowRequest& request) override;
  bool has_twin() const override { return false; }
  void reload_code() override {
    if (driver_) driver_->reload_code();
  }

 private:
  Status choose_driver(const Cell& cell);
  Status find_switch(SiteId site, std::uint64_t function);
  Result<Window> run(const kernel::WindowRequest& request);

  std::uint64_t tsc_khz_;
  ClockKind clock_;
  kernel::RigLimits limits_;
  std::optional<TestRunTeam> driver_;  // absent: system calls
  std::unique_ptr<CallerTeam> team_;   // makes the system calls
  std::optional<kernel::BpfTextReader> reader_;
  std::uint64_t address_ = 0;
};

}  // namespace probebench::call
