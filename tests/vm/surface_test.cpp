// SPDX-License-Identifier: MIT
// The module's field inside a guest: operations, the surface, the lives of probes, misses of return probes.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "attach/probe_set.h"
#include "call/field.h"
#include "experiment/experiments.h"

namespace probebench {
namespace {

constexpr std::uint32_t kFieldFunctions = 1024;
constexpr std::uint32_t kOnPath = 128;

class FieldTest : public testing::Test {
 protected:
  void SetUp() override {
    auto control = kernel::Control::open();
    ASSERT_TRUE(control);
    control_.emplace(std::move(*control));
    auto info = control_->info();
    ASSERT_TRUE(info);
    context_.control = &*control_;
    context_.offer = offer::offer_of_module(info->features);
    context_.limits = info->limits;
    context_.tsc_khz = info->limits.tsc_khz;
  }

  std::optional<kernel::Control> control_;
  experiment::ExperimentContext context_;
};

TEST_F(FieldTest, EverySiteIsThere) {
  const call::Field field(*control_);
  const auto functions = field.sites(call::FieldLayout::functions, kFieldFunctions);
  ASSERT_TRUE(functions) << functions.error().message();
  EXPECT_EQ(std::ranges::adjacent_find(*functions), functions->end());
  const auto path = field.sites(call::FieldLayout::path, kOnPath);
  ASSERT_TRUE(path) << path.error().message();
  EXPECT_EQ((*path)[1] - (*path)[0], 5u);
  EXPECT_FALSE(field.sites(call::FieldLayout::functions, kFieldFunctions + 1));
}

TEST_F(FieldTest, AnOperationIsItsWorkAndItsCalls) {
  const call::Field field(*control_);
  const auto cost = [&](std::uint32_t work, std::uint32_t calls) {
    const auto time = field.run({call::FieldLayout::functions, work, calls, 1}, 100);
    EXPECT_TRUE(time) << time.error().message();
    return time->ticks_per_op();
  };
  EXPECT_NEAR(cost(10000, 1) - cost(0, 1), 10000, 20);
  EXPECT_NEAR(cost(0, 20) - cost(0, 10), cost(0, 30) - cost(0, 20), 1);
}

// The bound on the time with interrupts off cuts windows, never operations.
TEST_F(FieldTest, LongWorkIsDoneInSeveralWindows) {
  const auto time = call::Field(*control_).run({call::FieldLayout::functions, 200'000, 1, 1}, 20);
  ASSERT_TRUE(time) << time.error().message();
  EXPECT_EQ(time->ops, 20u);
}

TEST_F(FieldTest, RefusesNonsense) {
  const call::Field field(*control_);
  EXPECT_FALSE(field.run({call::FieldLayout::functions, 0, 1, kFieldFunctions + 1}, 1));
  EXPECT_FALSE(field.run({call::FieldLayout::functions, 0, 1, 0}, 1));
  EXPECT_FALSE(field.run({call::FieldLayout::nest, 0, 0, 1}, 1));
  EXPECT_FALSE(field.run({call::FieldLayout::functions, 0, 100'000, 1}, 1));
}

TEST_F(FieldTest, SurfaceIsHitsTimesMechanismAndHandler) {
  for (const bool jump : {false, true}) {
    std::vector<SurfaceSetting> settings;
    for (const std::uint32_t hits : {1U, 16U}) {
      // Eight operations of the last one take longer than a window may.
      for (const auto handler : {HandlerChoice{Handler::nop}, HandlerChoice{Handler::delay, 1000},
                                 HandlerChoice{Handler::delay, 5000}}) {
        settings.push_back({.jump = jump, .handler = handler, .work = 100, .hits_per_op = hits});
      }
    }
    const auto result = experiment::measure_surface(settings, context_);
    ASSERT_EQ(result.points.size(), 6u);
    std::vector<double> costs;
    for (const auto& point : result.points) {
      ASSERT_EQ(point.status, CellStatus::measured) << point.reason;
      EXPECT_EQ(point.state == ProbeState::optimized, jump);
      costs.push_back((point.armed_per_op - point.base_per_op) / point.setting.hits_per_op -
                      point.handler_cost);
    }
    EXPECT_NEAR(*std::ranges::max_element(costs), *std::ranges::min_element(costs), 1) << jump;
  }
}

TEST_F(FieldTest, ManyProbesAreHitAsOftenAsExpected) {
  const std::vector<SurfaceSetting> settings{
      {.jump = true, .handler = {}, .probes = 20, .layout = SurfaceLayout::functions}};
  const auto result = experiment::measure_surface(settings, context_);
  ASSERT_EQ(result.points.front().status, CellStatus::measured) << result.points.front().reason;
  EXPECT_EQ(result.points.front().hits, (HitCount{20, 20, 0}));
  const auto has = [&](std::string_view step) {
    return std::ranges::any_of(result.life, [&](const ControlStep& one) {
      return one.step == step && one.probes == 20 && one.value > 0;
    });
  };
  for (const auto* step : {"register", "arm", "optimize", "disarm", "unregister"})
    EXPECT_TRUE(has(step)) << step;
}

TEST_F(FieldTest, PathPassesEachOfItsSites) {
  const std::vector<SurfaceSetting> settings{
      {.handler = {}, .hits_per_op = 5, .probes = 5, .layout = SurfaceLayout::path}};
  const auto result = experiment::measure_surface(settings, context_);
  ASSERT_EQ(result.points.front().status, CellStatus::measured) << result.points.front().reason;
}

// A setting that expects more hits than an operation makes: the verifier must notice.
TEST_F(FieldTest, HitsThatDoNotComeMakeAPointInvalid) {
  const std::vector<SurfaceSetting> settings{
      {.handler = {}, .hits_per_op = 6, .probes = 5, .layout = SurfaceLayout::path}};
  const auto result = experiment::measure_surface(settings, context_);
  EXPECT_EQ(result.points.front().status, CellStatus::invalid);
  EXPECT_EQ(result.points.front().reason, "40 hits of 48 were counted, 0 missed");
}

TEST_F(FieldTest, ReturnProbesMissWhatExceedsTheirInstances) {
  for (const auto& misses : experiment::measure_kretprobe_misses(context_)) {
    ASSERT_EQ(misses.status, CellStatus::measured) << misses.reason;
    const auto kept = std::min(misses.maxactive, misses.concurrent);
    EXPECT_EQ(misses.hits * misses.concurrent, misses.calls * kept)
        << misses.concurrent << " with " << misses.maxactive;
  }
}

TEST_F(FieldTest, TrapsOfAProcessAreTakenAndCountedAlike) {
  for (const auto& trap : experiment::measure_traps(ClockKind::instructions)) {
    ASSERT_EQ(trap.status, CellStatus::measured) << trap.reason;
    EXPECT_GT(trap.per_trap.front(), 0) << info_of(trap.kind).name;
    for (const double round : trap.per_trap) EXPECT_EQ(round, trap.per_trap.front());
  }
}

TEST_F(FieldTest, NothingIsLeftBehind) {
  const auto sites = call::Field(*control_).sites(call::FieldLayout::functions, 1);
  ASSERT_TRUE(sites);
  const auto set = attach::ProbeSet::define(*control_, {.addresses = *sites});
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_EQ(set->totals()->patched, 0u);
}

}  // namespace
}  // namespace probebench
