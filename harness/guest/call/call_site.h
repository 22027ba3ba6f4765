// SPDX-License-Identifier: MIT
// Where a probe goes and who calls it: the half of a rig that attaches nothing. One implementation for each
// driver.
#pragma once

#include <functional>
#include <string>

#include "attach/attachment.h"
#include "base/result.h"
#include "kernel/control.h"
#include "model/cell.h"
#include "model/sample.h"

namespace probebench::call {

// Length of a site's text that evidence holds.
inline constexpr std::size_t kSiteBytes = 16;

class CallSite {
 public:
  virtual ~CallSite() = default;

  virtual const kernel::RigLimits& limits() const = 0;
  // Makes the cell's site the one that is read and called.
  virtual Status select(const Cell& cell) = 0;
  // Of the site that was selected last.
  virtual attach::SiteLocation location() const = 0;
  // The site's text as it is now, and what else can be seen of a probe there.
  virtual Result<Evidence> look_now() = 0;
  // The same as it was in the last window.
  virtual Result<Evidence> look_at_last_window() { return look_now(); }
  // False: the baseline is the site itself with nothing attached.
  virtual bool has_twin() const = 0;

  // Just after attaching, where a first hit changes the site: makes one, and says what the text was before.
  virtual Result<std::string> make_first_hit() { return std::string(); }
  // Just before a window: calls that are neither timed nor counted.
  virtual void warm_up(const kernel::WindowRequest&) {}
  // Calls the site, or its unprobed twin where it has one. Hits are the caller's to fill in.
  virtual Result<Window> window(const kernel::WindowRequest& request) = 0;
  // Those calls that window() itself makes to warm up: not timed, but counted.
  virtual std::uint32_t counted_warmup_calls() const { return limits().warmup_calls; }
  // Hits that the kernel says it missed there, since some fixed moment.
  virtual Result<std::uint64_t> missed() { return std::uint64_t{0}; }
  // Has the kernel make the code that makes the calls once more.
  virtual void reload_code() {}
};

// Makes a window and fills in the site's text as it was just before and just after.
Result<Window> window_between_looks(CallSite& site, const std::function<Result<Window>()>& make_window);

// Returns when the site holds these bytes again: un-optimizing waits for the optimizer's next pass.
Status wait_for_text(CallSite& site, const Bytes& original);

// The helper module's sites and loop.
class ModuleSite : public CallSite {
 public:
  ModuleSite(const kernel::Control& control, const kernel::RigLimits& limits)
      : control_(control), limits_(limits) {}

  const kernel::RigLimits& limits() const override { return limits_; }
  Status select(const Cell& cell) override {
    threads_ = cell.threads;
    TRY(control_.select(cell));
    const auto look = TRY(look_now());
    address_ = look.site_address;
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
    const auto look = TRY(look_now());
    return look.missed;
  }

 private:
  const kernel::Control& control_;
  kernel::RigLimits limits_;
  std::uint32_t threads_ = 1;
  std::uint64_t address_ = 0;
};

}  // namespace probebench::call
