// SPDX-License-Identifier: MIT
#include "run/uprobe_rig.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "attach/tracefs_attachment.h"
#include "base/stop.h"
#include "call/user_loop.h"

namespace probebench {
namespace {

constexpr int kTries = 10;

void copy_text(std::uint64_t address, std::array<std::uint8_t, 8>& bytes) {
  // The address of one of our own functions, which the tables hold as a number.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  std::memcpy(bytes.data(), reinterpret_cast<const void*>(address), bytes.size());
}

bool is_tracefs(const Cell& cell) {
  return cell.probe_type == ProbeType::tracefs_uprobe || cell.probe_type == ProbeType::tracefs_uretprobe;
}

// What is timed is what counts.
bool counts_itself(const Cell& cell) {
  return cell.handler == Handler::count || (is_tracefs(cell) && cell.handler != Handler::nop);
}

}  // namespace

Status UprobeRig::select(const Cell& cell) {
  if (is_tracefs(cell) && cell.handler != Handler::nop && cell.handler != Handler::record) {
    return Error{Fault::unsupported, "a trace event records or does not; it runs no program of ours", 0,
                 "a handler that it has: nop, record"};
  }
  cell_ = cell;
  functions_ = user_site(cell.site);
  auto location = locate(cell.site);
  if (!location) return location.error();
  location_ = std::move(*location);
  // A page of the ring buffer that is turned makes a count of instructions inexact; among many it is lost in
  // noise.
  if (is_tracefs(cell) && clock_ == ClockKind::instructions)
    limits_.max_calls = calls_within_a_trace_page(cell);
  auto team = CallerTeam::make(cell.threads);
  if (!team) return team.error();
  team_ = std::move(*team);
  return Done{};
}

Status UprobeRig::attach(const Cell& cell) {
  auto attached = attach_uprobe(cell, location_);
  if (!attached) return attached.error();
  attached_ = std::move(*attached);
  const auto bytes = read_own_text(location_.address, kUserSiteBytes);
  if (!bytes) return bytes.error();
  first_bytes_ = fmt::format("{:02x}", fmt::join(std::span(*bytes).first(5), " "));
  functions_.site();
  return Done{};
}

Status UprobeRig::detach() {
  attached_.reset();
  return Done{};
}

Result<Evidence> UprobeRig::look_now() {
  auto bytes = read_own_text(location_.address, kUserSiteBytes);
  if (!bytes) return bytes.error();
  Evidence evidence;
  evidence.armed = std::move(*bytes);
  evidence.site_address = location_.address;
  if (attached_) {
    evidence.link = attached_->description();
    evidence.kernel_flags = fmt::format("{} on attach, before the first hit", first_bytes_);
  }
  return evidence;
}

// Hits are those of the window alone: neither of the calls that warm it up, nor of what came before.
Result<Window> UprobeRig::counted_window(UserFunction function, const WindowRequest& request) {
  if (auto status = attached_->start_counting(); !status) return status.error();
  warm_up(function, request);
  const auto before = attached_->hits();
  if (!before) return before.error();
  Window window = timed_window(function, request);
  const auto after = attached_->hits();
  attached_->stop_counting();
  if (!after) return after.error();
  assign_hits(window, growth(*before, *after), {});
  return window;
}

Window UprobeRig::timed_window(UserFunction function, const WindowRequest& request) const {
  std::array<std::uint8_t, 8> text{};
  copy_text(location_.address, text);
  Window window = team_->time_calls(function, request.calls, request.marked);
  window.site_before = text;
  copy_text(location_.address, window.site_after);
  return window;
}

// Behind start_counting(): what that changes has to be warm too.
void UprobeRig::warm_up(UserFunction function, const WindowRequest& request) const {
  if (!request.cold) team_->time_calls(function, limits_.warmup_calls);
}

// The kernel renews a timer at the first return probe's hit in a while: that is the warm-up's.
Window UprobeRig::plain_window(UserFunction function, const WindowRequest& request) const {
  warm_up(function, request);
  return timed_window(function, request);
}

// A window that was disturbed is made again (a marked one by who asked for it, who counts them), but for the
// first hit, which there is only one of; the last try stands as it is.
Result<Window> UprobeRig::window(const WindowRequest& request) {
  const auto function = request.subject == Subject::site ? functions_.site : functions_.twin;
  const bool counts = counts_itself(cell_) || request.handler == Handler::count;
  for (int tries = request.cold || request.marked ? 1 : kTries;; --tries) {
    if (stop_requested()) return Error{Fault::interrupted, "interrupted", 0, {}};
    yield_until_tick();
    auto window = attached_ && counts ? counted_window(function, request) : plain_window(function, request);
    if (!window || !window->disturbed() || tries == 1) return window;
  }
}

}  // namespace probebench
