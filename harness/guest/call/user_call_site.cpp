// SPDX-License-Identifier: MIT
#include "call/user_call_site.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <span>

#include "kernel/arch.h"

namespace probebench::call {
namespace {

void copy_text(std::uint64_t address, std::array<std::uint8_t, 8>& bytes) {
  // The address of one of our own functions, which the tables hold as a number.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  std::memcpy(bytes.data(), reinterpret_cast<const void*>(address), bytes.size());
}

}  // namespace

Status UserCallSite::select(const Cell& cell) {
  functions_ = user_site(cell.site);
  location_ = TRY(locate(cell.site));
  team_ = TRY(CallerTeam::make(cell.threads));
  return Done{};
}

Result<Evidence> UserCallSite::look_now() {
  auto bytes = TRY(read_own_text(location_.address, kSiteBytes));
  Evidence evidence;
  evidence.armed = std::move(bytes);
  evidence.site_address = location_.address;
  return evidence;
}

Result<std::string> UserCallSite::make_first_hit() {
  const auto bytes = TRY(read_own_text(location_.address, kernel::kPatchedBytes));
  functions_.site();
  return fmt::format("{:02x} on attach, before the first hit", fmt::join(bytes, " "));
}

// Begins just behind a timer tick. The kernel sets a timer anew at the first return probe's hit after each:
// that is the warm-up's. Where time is measured, warm-up and window may well be longer than a tick.
void UserCallSite::warm_up(const kernel::WindowRequest& request) {
  yield_until_tick();
  warm_since_ = last_tick();
  if (!request.cold) team_->time_calls(function_of(request.subject), limits_.warmup_calls);
}

Result<Window> UserCallSite::window(const kernel::WindowRequest& request) {
  std::array<std::uint8_t, 8> text{};
  copy_text(location_.address, text);
  Window window = team_->time_calls(function_of(request.subject), request.calls, request.marked);
  window.interrupted = window.interrupted || (counts_ && last_tick() != warm_since_);
  window.site_before = text;
  copy_text(location_.address, window.site_after);
  return window;
}

}  // namespace probebench::call
