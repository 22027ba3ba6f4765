// SPDX-License-Identifier: MIT
// What `reproduce` makes of what a target told.
#include "reproduce/reproduction.h"

#include <gtest/gtest.h>

#include "reproduce/fit.h"
#include "reproduce/per_hit.h"
#include "reproduce/reproduction_json.h"
#include "verify/judge.h"
#include "wire/json_value.h"

namespace probebench::reproduce {
namespace {

SurfacePoint point_of(const SurfaceSetting& setting, double cost, double handler_cost, double lookup = 0) {
  SurfacePoint point{.setting = setting};
  point.state = setting.jump ? ProbeState::optimized : ProbeState::stepped;
  point.handler_cost = handler_cost;
  point.base_per_op = 100 + setting.work;
  point.armed_per_op =
      point.base_per_op + setting.hits_per_op * (cost + handler_cost + lookup * setting.probes / 64.0);
  point.hits = {8, 8, 0};
  point.ops = 8;
  point.status = CellStatus::measured;
  return point;
}

std::vector<SurfacePoint> surface_of(double cost, double lookup) {
  std::vector<SurfacePoint> points;
  for (const std::uint32_t hits : {1U, 16U}) {
    for (const double handler : {0.0, 1000.0}) {
      points.push_back(point_of({.handler = {}, .hits_per_op = hits}, cost, handler, lookup));
    }
  }
  for (const std::uint32_t probes : {10U, 100U, 1000U}) {
    points.push_back(
        point_of({.handler = {}, .probes = probes, .layout = SurfaceLayout::functions}, cost, 0, lookup));
  }
  return points;
}

TEST(FailedExperiments, EachRowThatFailedIsNamed) {
  Experiments told;
  told.surface = surface_of(500, 8);
  Workload workload{.id = WorkloadId::fork_exec_wait, .suite = "intrusion", .status = CellStatus::measured};
  workload.rows = {
      {.mechanism = SuiteMechanism::stepped, .status = CellStatus::measured},
      {.mechanism = SuiteMechanism::fentry,
       .status = CellStatus::invalid,
       .reason = "454 hits by the probes' counts, 452 by the handler"},
      {.mechanism = SuiteMechanism::ftrace, .status = CellStatus::skipped, .reason = "no ftrace"}};
  told.workloads = {workload};
  EXPECT_EQ(
      failed_experiments(told),
      (std::vector<std::string>{"workload fork-exec-wait under fentry (intrusion): invalid: 454 hits by the "
                                "probes' counts, 452 by the handler"}));
  told.surface.front().status = CellStatus::errored;
  EXPECT_EQ(failed_experiments(told).size(), 2U);
}

TEST(Fit, FindsTheCostOfTheMechanismAndOfTheLookup) {
  const auto fits = fit_surface(surface_of(500, 8));
  ASSERT_EQ(fits.size(), 2U);
  EXPECT_FALSE(fits[0].lookup);
  EXPECT_NEAR(fits[1].cost, 500, 1e-6);
  EXPECT_NEAR(*fits[1].lookup, 8, 1e-6);
  EXPECT_EQ(fits[1].points, 7U);
  EXPECT_LT(fits[1].residual_max_percent, 1e-6);
  EXPECT_EQ(fits[1].note, "");
}

TEST(Fit, NamesTheCauseOfALargeResidual) {
  const auto fits = fit_surface(surface_of(500, 8));
  // 1000 probes in 64 lists: 125 of 625 instructions are not in the model without a lookup.
  EXPECT_NEAR(fits[0].residual_max_percent, 20, 0.1);
  EXPECT_NE(fits[0].note.find("1000 armed probes"), std::string::npos) << fits[0].note;
}

TEST(Fit, TakesNoPointThatIsNotMeasured) {
  auto points = surface_of(500, 0);
  points.front().status = CellStatus::invalid;
  points.front().armed_per_op = 1e9;
  const auto fits = fit_surface(points);
  ASSERT_FALSE(fits.empty());
  EXPECT_NEAR(fits[0].cost, 500, 1e-6);
  for (auto& point : points) point.status = CellStatus::skipped;
  EXPECT_TRUE(fit_surface(points).empty());
}

TEST(Judge, FindsALostHitInASurfacePoint) {
  auto point = point_of({.handler = {}}, 500, 0);
  EXPECT_FALSE(verify::judge(point, point.base_per_op, ClockKind::instructions));
  point.hits.counted = 7;
  EXPECT_EQ(verify::judge(point, point.base_per_op, ClockKind::instructions),
            "7 hits of 8 were counted, 0 missed");
  point.hits = {8, 8, 1};
  EXPECT_TRUE(verify::judge(point, point.base_per_op, ClockKind::tsc));
}

TEST(Judge, FindsABaselineThatMoved) {
  const auto point = point_of({.handler = {}}, 500, 0);
  EXPECT_TRUE(verify::judge(point, point.base_per_op + 1, ClockKind::instructions));
  EXPECT_FALSE(verify::judge(point, point.base_per_op + 1, ClockKind::tsc));
}

TEST(Judge, AccountsForEachCallOfAReturnProbe) {
  KretprobeMisses misses{.maxactive = 4, .concurrent = 16, .calls = 160, .hits = 40, .missed = 120};
  EXPECT_FALSE(verify::judge(misses));
  misses.missed = 119;
  EXPECT_TRUE(verify::judge(misses));
}

CellRecord cell_of(ProbeType type, SiteId site, ProbeState state, double cost) {
  CellRecord record;
  record.result.cell = {.probe_type = type, .driver = DriverId::module, .site = site};
  record.result.status = CellStatus::measured;
  record.result.evidence.state = state;
  Metric metric;
  metric.value = cost;
  record.summary.instructions_per_hit = metric;
  return record;
}

std::vector<CellRecord> cells_of_old_kernel() {
  return {cell_of(ProbeType::kprobe_stepped, SiteId::mid_step, ProbeState::stepped, 480),
          cell_of(ProbeType::kprobe_unoptimized, SiteId::mid, ProbeState::boosted, 300),
          cell_of(ProbeType::kprobe_optimized, SiteId::mid, ProbeState::optimized, 100),
          cell_of(ProbeType::kretprobe_int3, SiteId::notrace, ProbeState::boosted, 600)};
}

TEST(PerHit, HasRatiosAgainstBothDenominators) {
  const auto per_hit = per_hit_of(cells_of_old_kernel());
  const auto* jump = find_row(per_hit, ProbeType::kprobe_optimized, {Handler::nop});
  ASSERT_NE(jump, nullptr);
  EXPECT_NEAR(*jump->ratio_to_stepped, 4.8, 1e-9);
  EXPECT_NEAR(*jump->ratio_to_boosted, 3, 1e-9);
}

TEST(PerHit, TakesTheSiteOfTheJumpAsDenominatorWhereItIsStepped) {
  auto cells = cells_of_old_kernel();
  cells[1].result.evidence.state = ProbeState::stepped;
  const auto per_hit = per_hit_of(cells);
  const auto* jump = find_row(per_hit, ProbeType::kprobe_optimized, {Handler::nop});
  ASSERT_NE(jump, nullptr);
  EXPECT_NEAR(*jump->ratio_to_stepped, 3, 1e-9);
  EXPECT_FALSE(jump->ratio_to_boosted);
}

TEST(PerHit, SaysWhyThereIsNoJump) {
  auto cells = cells_of_old_kernel();
  cells[2].result.status = CellStatus::skipped;
  cells[2].result.reason = "active return thunks";
  const auto per_hit = per_hit_of(cells);
  EXPECT_EQ(find_row(per_hit, ProbeType::kprobe_optimized, {Handler::nop}), nullptr);
  EXPECT_EQ(per_hit.note, "no jump at all here: active return thunks");
  EXPECT_EQ(per_hit.no_jump, "active return thunks");
}

TEST(PerHit, SaysNothingOfAKernelThatCouldNotBeMeasured) {
  auto cells = cells_of_old_kernel();
  for (auto& cell : cells) {
    cell.result.status = CellStatus::skipped;
    cell.result.reason = "no module";
  }
  const auto per_hit = per_hit_of(cells);
  EXPECT_EQ(per_hit.note, "nothing was measured: no module");
  EXPECT_EQ(per_hit.no_jump, "");
}

TEST(ReproduceJson, HasEveryPart) {
  TargetRecord target;
  target.info.id = "vm-tcg-1";
  target.info.clock = ClockKind::instructions;
  Experiments told;
  told.surface = surface_of(500, 8);
  told.surface.back().status = CellStatus::invalid;
  told.surface.back().reason = "a hit was lost";
  told.control_plane.push_back(
      {.probe_type = "kprobe-optimized", .probes = 2, .step = "arm", .value = 10, .unit = "clock"});
  told.kretprobe_misses.push_back({.maxactive = 1, .concurrent = 2, .calls = 20, .hits = 10, .missed = 10});
  const auto made = reproduction_of(target, cells_of_old_kernel(), told);
  const auto json = wire::Json::parse(write_reproductions({made}, {"run-bench", "reproduce"}));
  EXPECT_EQ(json.at("schema_version"), 1);
  const auto& first = json.at("targets").at(0);
  EXPECT_EQ(first.at("clock_unit"), "instructions");
  EXPECT_EQ(first.at("per_hit").at("rows").size(), 4U);
  EXPECT_EQ(first.at("surface").at("points").back().at("reason"), "a hit was lost");
  EXPECT_EQ(first.at("surface").at("points").at(0).at("overhead_per_op"), 500.125);
  EXPECT_EQ(first.at("surface").at("fits").size(), 2U);
  EXPECT_EQ(first.at("control_plane").at(0).at("unit"), "instructions");
  EXPECT_EQ(first.at("kretprobe_misses").at(0).at("missed"), 10);
  EXPECT_TRUE(first.at("workloads").empty());
  EXPECT_TRUE(first.at("pruning").empty());
  const auto& modelled = first.at("per_hit").at("modelled").at(0);
  EXPECT_LT(modelled.at("low"), modelled.at("high"));
  const auto& curve = first.at("time_curve");
  EXPECT_EQ(curve.at("int3_instructions"), 300);
  EXPECT_EQ(curve.at("points").at(0).at("ratio").at("low"), 3) << "counts alone";
  EXPECT_EQ(curve.at("fit"), nullptr);
  const auto& figures = first.at("verdict_figures");
  EXPECT_EQ(figures.at("decision"), "undecided");
  EXPECT_EQ(figures.at("ratio_per_hit"), 3);
  EXPECT_FALSE(figures.contains("left_out_jump")) << "nothing was pruned";
}

}  // namespace

}  // namespace probebench::reproduce
