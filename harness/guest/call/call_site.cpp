// SPDX-License-Identifier: MIT
#include "call/call_site.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/stop.h"
#include "verify/classify.h"

namespace probebench::call {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRestoreDeadline{5000};
constexpr milliseconds kRestorePoll{10};

}  // namespace

Result<Window> window_between_looks(CallSite& site, const std::function<Result<Window>()>& make_window) {
  const auto before = TRY(site.look_now());
  auto window = make_window();
  if (!window) return window;
  const auto after = TRY(site.look_now());
  std::copy_n(before.armed.begin(), window->site_before.size(), window->site_before.begin());
  std::copy_n(after.armed.begin(), window->site_after.size(), window->site_after.begin());
  return window;
}

Status wait_for_text(CallSite& site, const Bytes& original) {
  const auto restored = poll_until(kRestoreDeadline, kRestorePoll, [&]() -> Result<bool> {
    const auto look = TRY(site.look_now());
    return verify::is_restored(original, look.armed);
  });
  if (!restored) return restored.error();
  if (*restored) return Done{};
  return Error{Fault::cell, "wait until the site's text is restored", ETIMEDOUT, {}};
}

}  // namespace probebench::call
