// SPDX-License-Identifier: MIT
// The decision and its words, on made-up runs.
#include "reproduce/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace probebench::reproduce {
namespace {

using testing::HasSubstr;
using testing::Not;

Findings findings(double int3, double jump) {
  return {.kernel = "6.1",
          .cpu_model = "max",
          .unit = "instructions",
          .no_jump = {},
          .hit = HitFindings{.int3 = int3, .jump = jump, .int3_state = ProbeState::stepped}};
}

WorkloadFindings twelve(std::size_t above_int3, std::size_t above_jump) {
  return {"intrusion", 5, 12, above_int3, above_jump, 30, 20};
}

PruningFindings pruned(std::size_t left_out_int3, std::size_t left_out_jump) {
  return {"intrusion", 5, 200, left_out_int3, left_out_jump};
}

Findings pruned_run(double int3, double jump, std::size_t left_out_int3, std::size_t left_out_jump) {
  auto found = findings(int3, jump);
  found.workloads = twelve(8, left_out_jump > 0 ? 8 : 0);
  found.pruning = pruned(left_out_int3, left_out_jump);
  return found;
}

TEST(Verdict, IsForBothWhereTheJumpHalvesAHitAndPruningStays) {
  const auto verdict = verdict_of(pruned_run(500, 100, 20, 15));
  EXPECT_EQ(verdict.decision, Decision::both);
  EXPECT_EQ(
      verdict.text,
      "For both, each on his own question. A hit costs 500 instructions by int3 (stepped) and 100 by a "
      "jump on the same site, 5.0 times less: Hiramatsu's jump at least halves it. Under the suite "
      "intrusion, 8 of 12 workloads are at least 5 % slower with int3 and 8 with the jump (30.0 % and "
      "20.0 % in the median): the jump takes none below that line. For all to be below it, 20 of 200 "
      "sites must be left out with int3 and 15 with the jump: pruning is needed with it, too, as Reeves "
      "says. Linux 6.1, CPU model max; counts of executed instructions.");
}

TEST(Verdict, IsForHiramatsuWhereNothingNeedsPruningAnyMore) {
  const auto verdict = verdict_of(pruned_run(500, 100, 20, 0));
  EXPECT_EQ(verdict.decision, Decision::hiramatsu);
  EXPECT_THAT(verdict.text, HasSubstr("the jump takes 8 below that line"));
  EXPECT_THAT(verdict.text, HasSubstr("it makes pruning needless, against Reeves"));
}

TEST(Verdict, IsForReevesWhereAHitIsNotHalvedAndPruningStays) {
  const auto verdict = verdict_of(pruned_run(190, 100, 20, 19));
  EXPECT_EQ(verdict.decision, Decision::reeves);
  EXPECT_THAT(verdict.text, HasSubstr("1.9 times less: Hiramatsu's jump does not halve it."));
}

TEST(Verdict, IsForNeitherWhereASmallGainIsEnough) {
  EXPECT_EQ(verdict_of(pruned_run(190, 100, 2, 0)).decision, Decision::neither);
}

TEST(Verdict, HalvesAtExactlyTwo) {
  EXPECT_EQ(jump_halves(findings(200, 100)), true);
  EXPECT_EQ(jump_halves(findings(199, 100)), false);
}

TEST(Verdict, GoesByTimeWhereTheCountsDoNotHalve) {
  auto found = findings(150, 100);
  found.hit->ratio_in_time = Interval{3, 9};
  EXPECT_EQ(jump_halves(found), true) << "counts leave out what traps take";
  found.hit->ratio_in_time = Interval{1.6, 1.9};
  EXPECT_EQ(jump_halves(found), false);
  found.hit->ratio_in_time = Interval{1.6, 3};
  EXPECT_FALSE(jump_halves(found));
  found.pruning = pruned(5, 5);
  const auto verdict = verdict_of(found);
  EXPECT_EQ(verdict.decision, Decision::undecided);
  EXPECT_THAT(verdict.text, HasSubstr("Undecided. Whether the jump halves a hit in time depends on"));
}

TEST(Verdict, GoesByTheWorkloadsWhereNothingWasPruned) {
  auto found = findings(500, 100);
  found.workloads = twelve(8, 0);
  EXPECT_EQ(verdict_of(found).decision, Decision::hiramatsu);
  found.workloads = twelve(8, 3);
  EXPECT_EQ(verdict_of(found).decision, Decision::both);
  EXPECT_THAT(verdict_of(found).text, HasSubstr("the jump takes 5 below that line"));
  EXPECT_THAT(verdict_of(found).text, Not(HasSubstr("left out")));
}

TEST(Verdict, IsUndecidedWhereReevesQuestionDoesNotArise) {
  auto found = findings(500, 100);
  found.workloads = twelve(0, 0);
  EXPECT_EQ(verdict_of(found).decision, Decision::undecided);
  EXPECT_THAT(verdict_of(found).text, HasSubstr("No workload is slow enough for Reeves' question to arise."));
  found.pruning = pruned(0, 0);
  EXPECT_THAT(verdict_of(found).text, HasSubstr("None of 200 sites need be left out"));
}

TEST(Verdict, IsUndecidedOfHitsAlone) {
  const auto verdict = verdict_of(findings(500, 100));
  EXPECT_EQ(verdict.decision, Decision::undecided);
  EXPECT_THAT(verdict.text, HasSubstr("Undecided. No workload was measured by both. A hit costs 500"));
  EXPECT_THAT(verdict.text, Not(HasSubstr("slower")));
}

TEST(Verdict, IsUndecidedOfWorkloadsAlone) {
  auto found = findings(500, 100);
  found.hit.reset();
  found.workloads = twelve(8, 8);
  const auto verdict = verdict_of(found);
  EXPECT_EQ(verdict.decision, Decision::undecided);
  EXPECT_THAT(verdict.text, HasSubstr("No hit was measured by both int3 and a jump."));
  EXPECT_THAT(verdict.text, Not(HasSubstr("A hit costs")));
}

TEST(Verdict, SaysThatThereIsNoJump) {
  auto found = findings(500, 100);
  found.hit.reset();
  found.no_jump = "return thunks are active";
  const auto verdict = verdict_of(found);
  EXPECT_EQ(verdict.decision, Decision::no_jump);
  EXPECT_EQ(verdict.text,
            "There is no jump here: return thunks are active. Whatever a jump saves elsewhere, here it saves "
            "nothing. Linux 6.1, CPU model max; counts of executed instructions.");
}

TEST(Verdict, SaysNothingOfNothing) {
  EXPECT_EQ(verdict_of({}).text, "");
}

TEST(Verdict, NamesTheUnit) {
  auto found = findings(500, 100);
  found.unit = "ticks";
  EXPECT_THAT(verdict_of(found).text, HasSubstr("time, in ticks."));
}

// From what a target told to findings.

CellRecord hit_cell(ProbeType type, ProbeState state, double cost) {
  CellRecord record;
  record.result.cell = {.probe_type = type, .driver = DriverId::module, .site = SiteId::mid};
  record.result.status = CellStatus::measured;
  record.result.evidence.state = state;
  record.summary.instructions_per_hit = Metric{.value = cost, .note = {}};
  return record;
}

PredictedWorkload workload_of(WorkloadId id, double int3, double jump) {
  PredictedWorkload workload;
  workload.told.id = id;
  workload.told.suite = "intrusion";
  for (const auto mechanism : {SuiteMechanism::unoptimized, SuiteMechanism::optimized}) {
    PredictedRow row;
    row.told.mechanism = mechanism;
    row.told.sites = 200;
    row.told.status = CellStatus::measured;
    row.slowdown = mechanism == SuiteMechanism::optimized ? jump : int3;
    workload.rows.push_back(row);
  }
  return workload;
}

TargetInfo target() {
  TargetInfo info;
  info.clock = ClockKind::instructions;
  info.host["qemu.cpu_model"] = "EPYC-Milan";
  info.environment.facts = {{"kernel.release", "6.1.0"}, {"cpu.model", "QEMU"}};
  return info;
}

TEST(Findings, AreOfTheSameSiteAndOfThisMachine) {
  const auto per_hit = per_hit_of({hit_cell(ProbeType::kprobe_unoptimized, ProbeState::boosted, 300),
                                   hit_cell(ProbeType::kprobe_optimized, ProbeState::optimized, 100)});
  const auto found = findings_of(target(), per_hit, {}, {}, {});
  EXPECT_EQ(found.kernel, "6.1.0");
  EXPECT_EQ(found.cpu_model, "EPYC-Milan") << "as it was asked for";
  EXPECT_EQ(found.unit, "instructions");
  ASSERT_TRUE(found.hit);
  EXPECT_EQ(found.hit->ratio(), 3);
  EXPECT_EQ(found.hit->int3_state, ProbeState::boosted);
  EXPECT_FALSE(found.workloads || found.pruning);
  auto on_this_cpu = target();
  on_this_cpu.host["qemu.cpu_model"] = "host";
  EXPECT_EQ(findings_of(on_this_cpu, per_hit, {}, {}, {}).cpu_model, "QEMU");
}

TEST(Findings, AKernelThatDoesNotOptimizeHasNoJump) {
  auto jump = hit_cell(ProbeType::kprobe_optimized, ProbeState::unknown, 0);
  jump.result.status = CellStatus::skipped;
  jump.result.reason = "return thunks are active";
  const auto per_hit = per_hit_of({hit_cell(ProbeType::kprobe_unoptimized, ProbeState::boosted, 300), jump});
  EXPECT_EQ(findings_of(target(), per_hit, {}, {}, {}).no_jump, "return thunks are active");
}

TEST(Findings, CountWorkloadsOnBothSidesOfTheLine) {
  std::vector<PredictedWorkload> workloads{workload_of(WorkloadId::stat, 1.3, 1.05),
                                           workload_of(WorkloadId::compile, 1.06, 1.04),
                                           workload_of(WorkloadId::cpu_loop, 1, 1)};
  const auto of_another_suite = [] {
    auto other = workload_of(WorkloadId::stat, 9, 9);
    other.told.suite = "hot-path";
    return other;
  };
  workloads.push_back(of_another_suite());
  workloads.push_back(workload_of(WorkloadId::byte_io, 2, 2));
  workloads.back().rows.back().slowdown.reset();  // not measured with the jump
  const auto found = findings_of(target(), {}, {}, workloads, {});
  ASSERT_TRUE(found.workloads);
  EXPECT_EQ(found.workloads->workloads, 3u);
  EXPECT_EQ(found.workloads->above_int3, 2u);
  EXPECT_EQ(found.workloads->above_jump, 1u) << "at the line is not below it";
  EXPECT_NEAR(found.workloads->median_int3_percent, 6, 1e-9);
}

std::vector<Pruning> prunings(double worst_with_jump) {
  const auto one = [](SuiteMechanism mechanism, std::vector<std::string> left_out, double worst) {
    Pruning pruning;
    pruning.told = {.suite = "intrusion",
                    .mechanism = mechanism,
                    .line_percent = 2,
                    .left_out = std::move(left_out),
                    .sets = 1,
                    .status = CellStatus::measured};
    pruning.sites = 200;
    pruning.workloads = {{.id = WorkloadId::stat, .whole = 30, .predicted = {}, .measured = worst}};
    return pruning;
  };
  return {one(SuiteMechanism::unoptimized, {"a", "b", "c"}, 1.9),
          one(SuiteMechanism::optimized, {"a"}, worst_with_jump)};
}

TEST(Findings, CountWhatWasLeftOutWhereThatWasConfirmed) {
  const auto found =
      findings_of(target(), {}, {}, {workload_of(WorkloadId::stat, 1.3, 1.021)}, prunings(1.5));
  ASSERT_TRUE(found.pruning);
  EXPECT_EQ(found.pruning->left_out_int3, 3u);
  EXPECT_EQ(found.pruning->left_out_jump, 1u);
  EXPECT_EQ(found.workloads->line_percent, 2) << "the line that was pruned to";
  EXPECT_EQ(found.workloads->above_jump, 1u);
  EXPECT_FALSE(findings_of(target(), {}, {}, {}, prunings(2)).pruning) << "measured at the line";
}

}  // namespace
}  // namespace probebench::reproduce
