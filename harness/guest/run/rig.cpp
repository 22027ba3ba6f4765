// SPDX-License-Identifier: MIT
#include "run/rig.h"

#include <algorithm>
#include <cerrno>

#include "attach/graph_index.h"
#include "base/stop.h"
#include "kernel/evidence.h"
#include "run/tries.h"

namespace probebench::run {
namespace {

constexpr int kAttachTries = 3;  // the next index is another one

}  // namespace

Status Rig::select(const Cell& cell) {
  TRY(attach::check_attachable(cell));
  TRY(site_->select(cell));
  cell_ = cell;
  limits_ = site_->limits();
  limits_.max_calls = std::min(limits_.max_calls, attach::most_calls(cell, clock_));
  at_rest_ = TRY(site_->look_now());
  return Done{};
}

Status Rig::attach() {
  attachment_ = attach::make_attachment(cell_, site_->location(), control_);
  TRY(arm());
  first_hit_ = TRY(site_->make_first_hit());
  return Done{};
}

Status Rig::detach() {
  auto status = disarm();
  attachment_.reset();
  first_hit_.clear();
  return status;
}

Status Rig::arm() {
  for (int tries = kAttachTries;; --tries) {
    auto status = attachment_->attach();
    armed_ = status.ok();
    if (!armed_ || tries == 1 || !attach::has_first_graph_index(cell_.probe_type)) return status;
    TRY(disarm());
  }
}

Status Rig::disarm() {
  armed_ = false;
  if (attachment_) {
    TRY(attachment_->remove());
  }
  return call::wait_for_text(*site_, at_rest_.armed);
}

Status Rig::arm_for(const kernel::WindowRequest& request) {
  const bool wanted = request.subject == kernel::Subject::site;
  if (stays_attached() || !attachment_ || wanted == armed_) return Done{};
  return wanted ? arm() : disarm();
}

Result<Evidence> Rig::look_now() {
  auto evidence = site_->look_now();
  if (!evidence || !armed_) return evidence;
  evidence->link = attachment_->description();
  evidence->crowd = attachment_->crowd();
  evidence->kernel_flags = first_hit_;
  return evidence;
}

Result<Evidence> Rig::look_at_last_window() {
  return stays_attached() ? site_->look_at_last_window() : Result<Evidence>(last_);
}

Status Rig::reload_code() {
  if (stays_attached()) return Done{};
  site_->reload_code();
  TRY(disarm());
  return attachment_->reload_code();
}

Result<Window> Rig::window(const kernel::WindowRequest& request) {
  TRY(arm_for(request));
  const int tries = request.cold || request.marked ? 1 : kWindowTries;
  auto window = undisturbed_window(tries, [&] { return make_window(request); });
  if (!window || !armed_ || stays_attached()) return window;
  last_ = TRY(look_now());
  last_.kernel_flags = kernel::kernel_flags(cell_);
  return window;
}

// The module forgets what a call costs when the text changes: a window that it never refuses says it again.
Result<Window> Rig::make_window(const kernel::WindowRequest& request) {
  auto window = try_window(request);
  if (window || window.error().err != ENODATA) return window;
  auto shorter = request;
  shorter.calls = std::min(request.calls, limits_.probation_calls);
  if (auto probation = try_window(shorter); !probation) return probation;
  return try_window(request);
}

Result<Window> Rig::try_window(const kernel::WindowRequest& request) {
  if (stop_requested()) return Error{Fault::interrupted, "interrupted", 0, {}};
  if (!armed_) return plain_window(request);
  TRY(attachment_->begin(request.handler));
  auto window = attachment_->counts(request.handler) ? counted_window(request) : plain_window(request);
  attachment_->end();
  return window;
}

Result<Window> Rig::plain_window(const kernel::WindowRequest& request) {
  site_->warm_up(request);
  return site_->window(request);
}

// What the kernel has counted until now.
Result<attach::HitCounts> Rig::counts() {
  auto counts = attachment_->tally();
  if (!counts) return counts;
  const auto missed = TRY(site_->missed());
  counts->missed += missed;
  return counts;
}

// Behind begin(): what that changes has to be warm, too.
Result<Window> Rig::counted_window(const kernel::WindowRequest& request) {
  site_->warm_up(request);
  const auto before = TRY(counts());
  auto window = site_->window(request);
  if (!window) return window;
  const auto after = TRY(counts());
  const bool warmed_up = request.subject == kernel::Subject::site && !request.cold;
  attach::assign_hits(*window, attach::growth(before, after),
                      {.per_hit = attachment_->runs_per_hit(),
                       .warmup_calls = warmed_up ? site_->counted_warmup_calls() : 0});
  return window;
}

}  // namespace probebench::run
