// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>

#include "attach/bpf_attachment.h"
#include "attach/bpf_form.h"
#include "attach/bpf_program.h"
#include "attach/hit_counts.h"
#include "call/call_site.h"
#include "run/rig.h"

namespace probebench {

// BPF programs, attached to whatever a call site offers.
//
// The program under test is the one that is verified: in windows that ask for the counting handler the kernel
// counts its runs (BPF_ENABLE_STATS), with the probe left attached as it is. The kernel has one sum for all
// CPUs, so only the counting handler itself tells hits on other CPUs apart.
class BpfRig : public Rig {
 public:
  explicit BpfRig(std::unique_ptr<CallSite> site) : site_(std::move(site)) {}

  const RigLimits& limits() const override { return site_->limits(); }
  Status select(const Cell& cell) override;
  Status attach(const Cell& cell) override;
  Status detach() override;
  Result<Evidence> look_now() override;
  Result<Evidence> look_at_last_window() override { return last_; }
  // Where the site has no twin the baseline is the site itself: the program is detached for it, and attached
  // again for the next armed window.
  Result<Window> window(const WindowRequest& request) override;
  Status lay_out_anew() override;

 private:
  BpfTarget target() const;
  Status load_program();
  Status link_program();
  Status unlink_program();
  Status arm_for(const WindowRequest& request);
  Result<Window> undisturbed_window(const WindowRequest& request);
  Result<Window> armed_window(const WindowRequest& request);
  Result<HitCounts> counts() const;
  Result<Window> counted_window(const WindowRequest& request);
  Status account_for_records(Window& window, std::uint64_t expected) const;

  std::unique_ptr<CallSite> site_;
  Cell cell_;
  const BpfForm* form_ = nullptr;
  Evidence at_rest_;
  Evidence last_;  // as of the last armed window of a site without a twin
  std::optional<BpfProgram> program_;
  std::optional<BpfAttachment> attachment_;  // declared after the program: detached before it goes
};

}  // namespace probebench
