// SPDX-License-Identifier: MIT
#include "run/event_rig.h"

#include <algorithm>

#include "attach/perf_attachment.h"
#include "attach/tracefs_attachment.h"

namespace probebench {
namespace {

bool is_tracefs(const Cell& cell) {
  return info_of(cell.probe_type).backend == Backend::tracefs;
}

// Neither runs a program of ours.
Status check_handler(const Cell& cell) {
  const bool tracefs = is_tracefs(cell);
  const auto handler = cell.handler;
  if (handler == Handler::nop || handler == Handler::record || (!tracefs && handler == Handler::count)) {
    return Done{};
  }
  return Error{Fault::unsupported,
               tracefs ? "a trace event records or does not; it runs no program of ours"
                       : "a perf event counts or records; it runs no program of ours",
               0,
               tracefs ? "a handler that it has: nop, record" : "a handler that it has: nop, count, record"};
}

}  // namespace

Status EventRig::select(const Cell& cell) {
  if (auto status = check_handler(cell); !status) return status;
  if (cell.threads > 1 && !is_tracefs(cell)) {
    return Error{Fault::unsupported, "a perf event counts the hits of one thread", 0, "--threads 1"};
  }
  limits_ = site_->limits();
  if (is_tracefs(cell) && cell.handler == Handler::record) {
    limits_.max_calls = std::min(limits_.max_calls, calls_within_a_trace_page(cell));
  }
  if (auto status = site_->select(cell); !status) return status;
  auto look = site_->look_now();
  if (!look) return look.error();
  at_rest_ = std::move(*look);
  return Done{};
}

Status EventRig::attach(const Cell& cell) {
  auto attached = is_tracefs(cell) ? attach_trace_event(cell, at_rest_.site_address)
                                   : attach_perf_event(cell, at_rest_.site_address);
  if (!attached) return attached.error();
  attached_ = std::move(*attached);
  return Done{};
}

Status EventRig::detach() {
  if (attached_) {
    auto status = attached_->remove();
    attached_.reset();
    if (!status) return status;
  }
  return wait_for_text(*site_, at_rest_.armed);
}

Result<Evidence> EventRig::look_now() {
  auto evidence = site_->look_now();
  if (evidence && attached_) evidence->link = attached_->description();
  return evidence;
}

Result<Window> EventRig::window(const WindowRequest& request) {
  if (!attached_) return site_->window(request);
  const auto before = site_->look_now();
  if (!before) return before.error();
  if (auto status = attached_->begin(request.handler); !status) return status.error();
  auto window = site_->window(request);
  if (!window) return window;
  if (auto status = add_hits(*window, request, *before); !status) return status.error();
  return window;
}

// The module's warm-up calls are hits too. A twin's window has none at all.
Status EventRig::add_hits(Window& window, const WindowRequest& request, const Evidence& before) {
  auto counts = attached_->tally();
  if (!counts) return counts.error();
  const auto look = site_->look_now();
  if (!look) return look.error();
  counts->missed += look->missed - before.missed;
  const bool warmed_up = request.subject == Subject::site && !request.cold;
  assign_hits(window, *counts, {.per_hit = 1, .warmup_calls = warmed_up ? limits_.warmup_calls : 0});
  return Done{};
}

}  // namespace probebench
