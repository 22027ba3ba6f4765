// SPDX-License-Identifier: MIT
// Counts to times, with constants that explain what was published, or fitted.
#include "reproduce/time_model.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace probebench::reproduce {
namespace {

constexpr double kNear = 1e-9;

TEST(TimeConstants, ExplainThePublishedTimes) {
  const PublishedTimes times{"s", "m", 1000, 500, 100, 0, 0, {{400, 200, 100}}};
  const auto all = constants_of(times);
  ASSERT_FALSE(all.empty());
  for (const auto& constants : all) {
    EXPECT_NEAR(constants.instruction_ns, 1, kNear);
    EXPECT_NEAR(constants.trap_ns, 300, kNear) << "(1000 - 400) / 2, and 500 - 200";
  }
}

// Each with its own error, and not the dearest trap with the cheapest instruction of another.
TEST(TimeConstants, KeepWhatBelongsTogether) {
  const PublishedTimes times{"s", "m", 1000, std::nullopt, 100, 0, 10, {{400, 0, 100}}};
  for (const auto& constants : constants_of(times)) {
    EXPECT_NEAR(400 * constants.instruction_ns + 2 * constants.trap_ns, 1000, kNear);
  }
}

TEST(TimeConstants, OfEachSourceGiveItsOwnTimesBack) {
  for (const auto& times : published_times()) {
    for (const auto& constants : constants_of(times)) {
      EXPECT_GT(constants.trap_ns, 0) << times.source;
      EXPECT_GT(constants.instruction_ns, 0) << times.source;
    }
  }
}

CellRecord counted_cell(ProbeType type, ProbeState state, double instructions,
                        std::optional<double> ns = {}) {
  CellRecord record;
  record.result.cell = {.probe_type = type, .driver = DriverId::module, .site = SiteId::mid};
  record.result.status = CellStatus::measured;
  record.result.evidence.state = state;
  record.summary.instructions_per_hit = Metric{.value = instructions, .note = {}};
  if (ns) record.summary.ns_per_hit = Metric{.value = *ns, .note = {}};
  return record;
}

std::vector<CellRecord> counted_cells(ProbeState int3 = ProbeState::stepped) {
  return {counted_cell(ProbeType::kprobe_unoptimized, int3, 500),
          counted_cell(ProbeType::kprobe_optimized, ProbeState::optimized, 100)};
}

TEST(TimeCurve, BeginsWithTheRatioOfCounts) {
  const auto curve = time_curve(counted_cells());
  ASSERT_TRUE(curve);
  EXPECT_EQ(curve->exceptions, 2);
  EXPECT_EQ(curve->points.front().trap_ns, 0);
  EXPECT_NEAR(curve->points.front().ratio.low, 5, kNear);
  EXPECT_NEAR(curve->points.front().ratio.high, 5, kNear);
}

TEST(TimeCurve, GrowsWithTheTrap) {
  const auto curve = time_curve(counted_cells());
  ASSERT_TRUE(curve);
  for (std::size_t i = 1; i < curve->points.size(); ++i) {
    EXPECT_GT(curve->points[i].ratio.low, curve->points[i - 1].ratio.low);
    EXPECT_GT(curve->points[i].ratio.high, curve->points[i].ratio.low);
  }
}

TEST(TimeCurve, HasEverySourceAndTheirInterval) {
  const auto curve = time_curve(counted_cells());
  ASSERT_TRUE(curve);
  ASSERT_EQ(curve->marks.size(), published_times().size());
  for (const auto& mark : curve->marks) {
    EXPECT_LE(curve->ratio.low, mark.ratio.low);
    EXPECT_GE(curve->ratio.high, mark.ratio.high);
    EXPECT_LE(mark.trap_ns.low, mark.trap_ns.high);
  }
  const auto low_of = [](const SourceMark& mark) { return mark.ratio.low; };
  const auto high_of = [](const SourceMark& mark) { return mark.ratio.high; };
  EXPECT_EQ(curve->ratio.low, low_of(std::ranges::min(curve->marks, {}, low_of)));
  EXPECT_EQ(curve->ratio.high, high_of(std::ranges::max(curve->marks, {}, high_of)));
}

// With the lengths that a source is read with, the model must return what it published.
TEST(TimeCurve, ReturnsWhatWasPublished) {
  const auto curve = time_curve({counted_cell(ProbeType::kprobe_unoptimized, ProbeState::stepped, 472),
                                 counted_cell(ProbeType::kprobe_optimized, ProbeState::optimized, 96)});
  const auto mark = std::ranges::find(curve->marks, "krst-e5410-64", &SourceMark::source);
  ASSERT_NE(mark, curve->marks.end());
  EXPECT_LT(mark->ratio.low, 990.0 / 60);
  EXPECT_GT(mark->ratio.high, 990.0 / 60);
}

TEST(TimeCurve, ABoostedInt3TakesOneTrap) {
  const auto stepped = time_curve(counted_cells());
  const auto boosted = time_curve(counted_cells(ProbeState::boosted));
  EXPECT_EQ(boosted->exceptions, 1);
  EXPECT_LT(boosted->ratio.high, stepped->ratio.high);
}

TEST(TimeCurve, NeedsInt3AndJump) {
  auto cells = counted_cells();
  cells.pop_back();
  EXPECT_FALSE(time_curve(cells));
}

TEST(TimeCurve, HasTheTrapThatWasTimedInTheSameRun) {
  const auto curve = time_curve(counted_cells(), Span{320, 300, 350});
  ASSERT_TRUE(curve && curve->measured);
  EXPECT_FALSE(curve->borrowed);
  EXPECT_EQ(curve->int3, 500);
  const auto& mark = *curve->measured;
  EXPECT_EQ(mark.trap_ns.low, 300);
  EXPECT_EQ(mark.trap_ns.high, 350);
  const auto at_300 = std::ranges::find(curve->points, 300, &CurvePoint::trap_ns);
  ASSERT_NE(at_300, curve->points.end());
  EXPECT_EQ(mark.ratio.low, at_300->ratio.low) << "it lies on the curve";
  EXPECT_GT(mark.ratio.high, at_300->ratio.high);
}

TEST(TimeCurve, OfATimedTrapAloneTakesItsInstructionsFromElsewhere) {
  const auto curve = time_curve({}, Span{300, 300, 300});
  ASSERT_TRUE(curve && curve->measured);
  EXPECT_TRUE(curve->borrowed);
  EXPECT_EQ(curve->exceptions, 2);
  EXPECT_FALSE(time_curve({}));
}

TEST(ModelledTimes, AreIntervalsOverAllSources) {
  const auto times = modelled_times(per_hit_of(counted_cells()));
  ASSERT_EQ(times.size(), 2u);
  EXPECT_LT(times[0].ns.low, times[0].ns.high);
  EXPECT_LT(times[1].ns.high, times[0].ns.low) << "the jump takes no trap";
}

std::vector<TimedHit> hits_of(double instruction, double trap) {
  std::vector<TimedHit> hits;
  for (const double instructions : {100.0, 200.0, 400.0, 800.0}) {
    for (const int exceptions : {0, 1, 2}) {
      hits.push_back({instructions, exceptions, instructions * instruction + exceptions * trap});
    }
  }
  return hits;
}

TEST(FittedConstants, AreThoseOfTheMachine) {
  const auto fit = fit_constants(hits_of(0.4, 250));
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->constants.instruction_ns, 0.4, 1e-6);
  EXPECT_NEAR(fit->constants.trap_ns, 250, 1e-6);
  EXPECT_NEAR(fit->leave_one_out_percent, 0, 1e-6);
}

TEST(FittedConstants, SayHowFarAHitIsFromTheOthers) {
  auto hits = hits_of(0.4, 250);
  hits[4].ns *= 1.5;
  const auto fit = fit_constants(hits);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->leave_one_out_percent, 33, 1) << "what the others say of it, as a share of what it took";
}

TEST(FittedConstants, NeedHitsWithAndWithoutTraps) {
  auto hits = hits_of(0.4, 250);
  std::erase_if(hits, [](const TimedHit& hit) { return hit.exceptions > 0; });
  EXPECT_FALSE(fit_constants(hits));
  EXPECT_FALSE(fit_constants({{100, 1, 50}, {100, 0, 20}, {200, 0, 40}}));
}

TEST(FittedConstants, AreOfATargetThatHasCountsAndTimes) {
  const std::vector cells{counted_cell(ProbeType::kprobe_unoptimized, ProbeState::stepped, 500, 700),
                          counted_cell(ProbeType::kprobe_boosted, ProbeState::boosted, 300, 370),
                          counted_cell(ProbeType::ftrace, ProbeState::ftrace, 40, 16),
                          counted_cell(ProbeType::kprobe_optimized, ProbeState::optimized, 100, 40)};
  const auto curve = time_curve(cells);
  ASSERT_TRUE(curve && curve->fit);
  EXPECT_EQ(curve->fit->hits, 4u);
  EXPECT_NEAR(curve->fit->constants.trap_ns, 250, 1e-6);
  EXPECT_NEAR(*curve->fitted_ratio, 17.5, 1e-6) << "(200 + 500) / 40";
  EXPECT_FALSE(time_curve(counted_cells())->fit) << "no times";
}

}  // namespace
}  // namespace probebench::reproduce
