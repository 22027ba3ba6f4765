// SPDX-License-Identifier: MIT
// What N calls of a site cost grows by the same count with each call, odd or even: no loop is unrolled. The
// ticks of a guest that counts instructions are instructions.
#include <gtest/gtest.h>

#include <set>

#include "on_machine.h"
#include "run/machine.h"
#include "run/tries.h"

namespace probebench {
namespace {

constexpr std::uint32_t kMostCalls = 64;
// Each number of test runs is a program of its own, which the kernel compiles: no loop of ours.
constexpr std::uint32_t kMostTestRuns = 16;

// One cell for each site and each way to call it; what is armed there makes no difference.
std::vector<Cell> cells_of_every_site() {
  std::vector<Cell> cells;
  std::set<std::pair<DriverId, SiteId>> seen;
  for (const auto& type : kProbeTypes) {
    for (const auto& cell : cells_of(type.id, Handler::nop)) {
      if (seen.emplace(cell.driver, cell.site).second) cells.push_back(cell);
    }
  }
  return cells;
}

class Linearity : public OnMachine, public testing::WithParamInterface<Cell> {
 protected:
  static std::uint64_t ticks(call::CallSite& site, kernel::Subject subject, std::uint32_t calls) {
    const auto window = run::undisturbed_window(run::kWindowTries, [&] {
      const kernel::WindowRequest request{.subject = subject, .calls = calls};
      site.warm_up(request);
      return site.window(request);
    });
    EXPECT_TRUE(window) << window.error().message();
    if (!window) return 0;
    EXPECT_FALSE(window->disturbed()) << calls << " calls";
    return window->ticks;
  }

  static void expect_equal_steps(call::CallSite& site, kernel::Subject subject) {
    const auto most = GetParam().driver == DriverId::test_run ? kMostTestRuns : kMostCalls;
    auto last = ticks(site, subject, 2);
    const auto step = last - ticks(site, subject, 1);
    for (std::uint32_t calls = 3; calls <= most; ++calls) {
      const auto next = ticks(site, subject, calls);
      ASSERT_EQ(next - last, step) << "from " << calls - 1 << " to " << calls << " calls";
      last = next;
    }
  }
};

TEST_P(Linearity, EachCallCostsTheSame) {
  const auto& cell = GetParam();
  if (lacking(cell)) return;  // nothing is measured there on this kernel
  const auto site = run::make_site(cell, machine());
  const auto selected = site->select(cell);
  ASSERT_TRUE(selected) << selected.error().message();
  ticks(*site, kernel::Subject::site, 10);  // the module takes longer windows when it knows what a call costs
  expect_equal_steps(*site, kernel::Subject::site);
  if (!site->has_twin()) return;
  ticks(*site, kernel::Subject::twin, 10);
  expect_equal_steps(*site, kernel::Subject::twin);
}

INSTANTIATE_TEST_SUITE_P(Sites, Linearity, testing::ValuesIn(cells_of_every_site()), [](const auto& tested) {
  auto name =
      std::string(info_of(tested.param.driver).name) + "_" + std::string(info_of(tested.param.site).name);
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace probebench
