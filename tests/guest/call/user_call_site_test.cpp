// SPDX-License-Identifier: MIT
#include "call/user_call_site.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "call/user_loop.h"

namespace probebench::call {
namespace {

constexpr int kTries = 50;  // a timer interrupt may come at any moment

// A window of a site without a probe, with something done between the warm-up and it.
Window window_after(UserCallSite& site, const std::function<void()>& act) {
  const kernel::WindowRequest request{kernel::Subject::site, Handler::nop, 10};
  site.warm_up(request);
  act();
  const auto window = site.window(request);
  EXPECT_TRUE(window) << window.error().message();
  return *window;
}

void wait_for_tick() {
  for (const auto before = last_tick(); last_tick() == before;) {
  }
}

// In a thread of its own: making a team keeps the maker on one CPU.
void with_site(ClockKind clock, const std::function<void(UserCallSite&)>& act) {
  std::jthread maker([&] {
    UserCallSite site(1'000'000, clock);
    const Cell cell{.probe_type = ProbeType::uretprobe, .driver = DriverId::user, .site = SiteId::user_nop};
    ASSERT_TRUE(site.select(cell));
    act(site);
  });
}

void expect_one_undisturbed(UserCallSite& site, const std::function<void()>& act) {
  for (int tries = kTries; window_after(site, act).disturbed();) ASSERT_NE(--tries, 0);
}

TEST(UserCallSite, ATickBehindTheWarmUpDisturbsACount) {
  with_site(ClockKind::instructions,
            [](UserCallSite& site) { EXPECT_TRUE(window_after(site, wait_for_tick).interrupted); });
}

TEST(UserCallSite, AWindowWithoutOneIsNotDisturbed) {
  with_site(ClockKind::instructions, [](UserCallSite& site) { expect_one_undisturbed(site, [] {}); });
}

TEST(UserCallSite, ATimeMayHaveOneThere) {
  with_site(ClockKind::tsc, [](UserCallSite& site) { expect_one_undisturbed(site, wait_for_tick); });
}

}  // namespace
}  // namespace probebench::call
