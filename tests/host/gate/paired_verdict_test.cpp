// SPDX-License-Identifier: MIT
// What pairs prove: of pairs that follow a rule, and of simulated sessions.
#include "gate/paired_verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "gate_fixture.h"

namespace probebench::gate {
namespace {

constexpr const char* kTimed = "uprobe/user/nop/nop/threads:1";

// `drift` is the machine's: it moves all three of a block alike.
PairedCell drifting(const std::string& name, std::size_t count, double ratio) {
  PairedCell cell;
  cell.name = name;
  cell.metric = "ticks_per_hit";
  for (std::size_t i = 0; i < count; ++i) {
    const double drift = 1 + static_cast<double>(i * 7 % 11) / 20;
    cell.values.base.push_back(1000 * drift);
    cell.values.head.push_back(1000 * drift * ratio);
    cell.values.control.push_back(1000 * drift);
  }
  return cell;
}

Session session_of(const PairedCell& cell, std::size_t cells) {
  Session session;
  for (std::size_t i = 0; i < cells; ++i) {
    session.cells.push_back(cell);
    if (i > 0) session.cells.back().name = "other" + std::to_string(i);
  }
  return session;
}

PairedVerdict alone(const PairedCell& cell) {
  return paired_verdicts(session_of(cell, 1), {}).at(cell.name);
}

TEST(Pairs, ManyCellsNeedAStrongerProof) {
  // 4 of 20 pairs below the floor: p = 0.006 alone, too weak among three cells.
  auto cell = drifting(kTimed, 20, 1.10);
  for (std::size_t i = 0; i < 4; ++i) cell.values.head[i] = cell.values.base[i];
  EXPECT_EQ(alone(cell).verdict, Verdict::regression);
  EXPECT_EQ(paired_verdicts(session_of(cell, 3), {}).at(kTimed).verdict, Verdict::inconclusive);
}

TEST(Pairs, PairsThatCouldShowNoRegressionOfSoManyCellsAreRefused) {
  EXPECT_EQ(pairs_needed(1), 9u);
  EXPECT_EQ(pairs_needed(3), 9u);
  EXPECT_EQ(pairs_needed(6), 10u) << "6/512 is more than 0.7 %";
  EXPECT_EQ(pairs_needed(1000), 18u);
  const auto cell = drifting(kTimed, 9, 1.5);
  EXPECT_EQ(paired_verdicts(session_of(cell, 3), {}).at(kTimed).verdict, Verdict::regression);
  const auto refused = paired_verdicts(session_of(cell, 6), {}).at(kTimed);
  EXPECT_EQ(refused.verdict, Verdict::inconclusive);
  EXPECT_EQ(refused.why, "9 pairs of 6 cells: 10 are needed, with fewer no regression can be shown");
  const auto enough = drifting(kTimed, 10, 1.5);
  EXPECT_EQ(paired_verdicts(session_of(enough, 6), {}).at(kTimed).verdict, Verdict::regression);
}

TEST(Pairs, ExactlyAtTheFloorIsNotAboveIt) {
  EXPECT_GT(std::expm1(std::log(1020.0 / 1000)), 0.02) << "by rounding";
  EXPECT_FALSE(above_floor(std::expm1(std::log(1020.0 / 1000)), 0.02));
  const auto at_it = alone(drifting(kTimed, 20, 1.02));
  EXPECT_EQ(at_it.verdict, Verdict::pass);
  EXPECT_NEAR(at_it.opinion.p, 1, 1e-9);
  const auto above = alone(drifting(kTimed, 20, 1.0201));
  EXPECT_EQ(above.verdict, Verdict::regression);
}

// So many of `count` visits cost 20 % more.
PairedCell with_slow_mode(std::size_t count, std::size_t base, std::size_t head) {
  auto cell = pairs_of(kTimed, count, 1.0, 0.002);
  const auto slow_down = [](std::vector<double>& values, std::size_t slow) {
    for (std::size_t i = 0; i < slow; ++i) values[i * values.size() / slow] *= 1.2;
  };
  slow_down(cell.values.base, base);
  slow_down(cell.values.control, base);
  slow_down(cell.values.head, head);
  return cell;
}

TEST(SlowMode, ThatGrowsIsARegressionThoughTheMedianStays) {
  const auto verdict = alone(with_slow_mode(40, 2, 16));
  EXPECT_EQ(verdict.verdict, Verdict::regression);
  EXPECT_EQ(verdict.why, "slow mode: 5 % -> 40 % of visits");
  EXPECT_LT(verdict.opinion.change, 0.02);
}

TEST(SlowMode, ThatStaysIsNone) {
  EXPECT_EQ(alone(with_slow_mode(40, 2, 2)).verdict, Verdict::pass);
  EXPECT_EQ(alone(with_slow_mode(40, 12, 12)).verdict, Verdict::pass);
  EXPECT_EQ(alone(with_slow_mode(40, 12, 2)).verdict, Verdict::pass) << "fewer slow ones";
}

TEST(SlowMode, ThatMayHaveGrownDoesNotPass) {
  const auto verdict = alone(with_slow_mode(20, 0, 3));
  EXPECT_EQ(verdict.verdict, Verdict::inconclusive);
  EXPECT_EQ(verdict.why, "slow mode: 0 % -> 15 % of visits, which may be chance");
}

TEST(SlowMode, IsCorrectedForTheNumberOfCells) {
  const auto cell = with_slow_mode(20, 0, 6);  // p = 0.0008
  EXPECT_EQ(paired_verdicts(session_of(cell, 3), {}).at(kTimed).verdict, Verdict::regression);
  EXPECT_EQ(paired_verdicts(session_of(cell, 4), {}).at(kTimed).verdict, Verdict::inconclusive);
}

TEST(SlowMode, IsConfirmed) {
  auto cell = with_slow_mode(40, 2, 16);
  cell.confirmation = with_slow_mode(40, 2, 2).values;
  const auto refuted = alone(cell);
  EXPECT_EQ(refuted.verdict, Verdict::inconclusive);
  EXPECT_EQ(refuted.why, "slow mode: 5 % -> 40 % of visits; a fresh run found 5 % -> 5 %: not confirmed");
  cell.confirmation = with_slow_mode(40, 2, 12).values;
  EXPECT_TRUE(alone(cell).opinion.confirmed);
}

// Layouts that the control's visits take in turn, each off by its own share.
PairedCell laid_out(double head, const std::vector<double>& layouts) {
  auto cell = drifting(kTimed, 20, head);
  for (std::size_t i = 0; i < cell.values.control.size(); ++i) {
    cell.values.control[i] *= 1 + layouts[i % layouts.size()];
  }
  return cell;
}

TEST(Layouts, TheirSpreadIsTheFloor) {
  const std::vector<double> layouts{0.02, -0.02, 0.01, -0.01};
  auto session = session_of(laid_out(1.05, layouts), 1);
  EXPECT_EQ(paired_verdicts(session, {}).at(kTimed).verdict, Verdict::regression) << "as one control";
  session.layouts = layouts.size();
  const auto verdict = paired_verdicts(session, {}).at(kTimed);
  EXPECT_EQ(verdict.verdict, Verdict::inconclusive);
  // Student's t of 4 degrees of freedom at 0.7 % is 4.17; the five layouts' standard deviation is 1.6 %.
  EXPECT_NEAR(verdict.opinion.floor, std::expm1(4.17275 * std::sqrt(2.0) * 0.0158135), 1e-5);
  session = session_of(laid_out(1.15, layouts), 1);
  session.layouts = layouts.size();
  EXPECT_EQ(paired_verdicts(session, {}).at(kTimed).verdict, Verdict::regression);
}

// Sessions that are made up and judged as measured ones are: extended while something is undecided, red cells
// confirmed. With the whole program, and at length: ci/gate-power.

constexpr int kSessions = 12;
constexpr std::size_t kPlanned = 20;
constexpr const char* kSlower = "slower";

struct Simulated {
  double shift = 0;      // of the slower cell's head
  double slow = 0;       // share of visits that cost 20 % more
  double slow_head = 0;  // in the slower cell's head
  double layout = 0;     // standard deviation of what a layout costs
  bool relinked = false;
};

class Visits {
 public:
  explicit Visits(std::uint64_t seed) : generator_(seed) {}

  PairedValues of(const Simulated& what, bool slower, std::size_t pairs) {
    const double base = what.relinked ? 0 : what.layout * normal();
    const double head = what.relinked ? 0 : what.layout * normal();
    PairedValues values;
    const double shift = slower ? std::log1p(what.shift) : 0;
    const double slow_head = slower ? what.slow_head : what.slow;
    for (std::size_t i = 0; i < pairs; ++i) {
      values.base.push_back(one(what, base, what.slow));
      values.head.push_back(one(what, shift + head, slow_head));
      values.control.push_back(one(what, base, what.slow));
    }
    return values;
  }

 private:
  double one(const Simulated& what, double cost, double slow) {
    constexpr double kNoise = 0.01;
    if (what.relinked) cost += what.layout * normal();
    if (uniform() < slow) cost += std::log(1.2);
    return 1000 * std::exp(cost + kNoise * normal());
  }
  // The library's distributions differ between libraries.
  double uniform() { return (static_cast<double>(generator_() >> 11) + 0.5) / 9007199254740992.0; }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform()); }

  std::mt19937_64 generator_;
};

// A layout is drawn once for a session, unless each visit has its own.
std::map<std::string, PairedVerdict> one_session(Visits& visits, const Simulated& what) {
  std::map<std::string, PairedValues> drawn;  // as many as a session may need, the fresh ones included
  Session session;
  for (const char* name : {kSlower, "sound", "another"}) {
    drawn[name] = visits.of(what, name == std::string_view(kSlower), 8 * kPlanned);
    auto& cell = session.cells.emplace_back();
    cell.name = name;
    cell.metric = "ticks_per_hit";
  }
  const auto take = [&](std::size_t from, std::size_t count, const std::string& name) {
    const auto part = [&](const std::vector<double>& all) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
      return std::vector<double>(first, first + static_cast<std::ptrdiff_t>(count));
    };
    const auto& all = drawn[name];
    return PairedValues{part(all.base), part(all.head), part(all.control)};
  };
  std::size_t pairs = what.relinked ? 2 * kPlanned : kPlanned;
  for (auto& cell : session.cells) cell.values = take(0, pairs, cell.name);
  auto verdicts = paired_verdicts(session, {});
  const auto undecided = [](const auto& entry) { return entry.second.verdict == Verdict::inconclusive; };
  if (std::ranges::any_of(verdicts, undecided)) {
    pairs *= 2;
    for (auto& cell : session.cells) cell.values = take(0, pairs, cell.name);
    verdicts = paired_verdicts(session, {});
  }
  const auto red = [&](const PairedCell& cell) { return verdicts[cell.name].verdict == Verdict::regression; };
  if (std::ranges::none_of(session.cells, red)) return verdicts;
  for (auto& cell : session.cells) {
    if (red(cell)) cell.confirmation = take(pairs, pairs, cell.name);
  }
  return paired_verdicts(session, {});
}

struct Outcome {
  int found = 0;
  int passed = 0;
  int false_alarms = 0;  // of cells that are as they were
};

Outcome simulated(const Simulated& what) {
  Visits visits(1);
  Outcome outcome;
  for (int i = 0; i < kSessions; ++i) {
    for (const auto& [name, one] : one_session(visits, what)) {
      const bool red = one.verdict == Verdict::regression;
      if (name != kSlower) {
        outcome.false_alarms += red;
      } else {
        outcome.found += red;
        outcome.passed += one.verdict == Verdict::pass;
      }
    }
  }
  return outcome;
}

TEST(SimulatedSessions, UnchangedCodePassesAndFivePercentAreFound) {
  const auto unchanged = simulated({});
  EXPECT_EQ(unchanged.found + unchanged.false_alarms, 0);
  EXPECT_EQ(unchanged.passed, kSessions);
  const auto slower = simulated({.shift = 0.05});
  EXPECT_GE(slower.found, kSessions - 1);
  EXPECT_EQ(slower.false_alarms + slower.passed, 0);
}

TEST(SimulatedSessions, ALayoutLooksLikeARegressionUnlessEachVisitHasItsOwn) {
  const auto again = simulated({.layout = 0.02});
  EXPECT_GT(again.found + again.false_alarms, 0) << "the reason for --control relink";
  const auto relinked = simulated({.layout = 0.02, .relinked = true});
  EXPECT_EQ(relinked.found + relinked.false_alarms, 0);
  const auto slower = simulated({.shift = 0.05, .layout = 0.02, .relinked = true});
  EXPECT_GE(slower.found, kSessions - 1);
  EXPECT_EQ(slower.false_alarms + slower.passed, 0);
}

TEST(SimulatedSessions, ASlowModeThatGrowsDoesNotPass) {
  const auto grown = simulated({.slow = 0.05, .slow_head = 0.4});
  EXPECT_LE(grown.passed, 1);
  EXPECT_GE(grown.found, kSessions / 2);
  EXPECT_EQ(grown.false_alarms, 0);
  const auto same = simulated({.slow = 0.05, .slow_head = 0.05});
  EXPECT_EQ(same.found + same.false_alarms, 0);
  EXPECT_GE(same.passed, kSessions - 1);
}

}  // namespace
}  // namespace probebench::gate
