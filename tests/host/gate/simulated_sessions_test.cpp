// SPDX-License-Identifier: MIT
// Sessions that are made up and judged as measured ones are: extended while something is undecided, red cells
// confirmed. `ci/gate-power` does the same with the whole program, and at length.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "gate/paired_verdict.h"

namespace probebench::gate {
namespace {

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
