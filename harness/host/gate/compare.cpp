// SPDX-License-Identifier: MIT
#include "gate/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include "base/text.h"
#include "stats/paired.h"

namespace probebench::gate {
namespace {

Change change_of(const Figure& base, const Figure& head) {
  Change change{.metric = base.metric,
                .base = base.value,
                .head = head.value,
                .absolute = 0,
                .relative = {},
                .relative_range = {}};
  change.absolute = head.value.value - base.value.value;
  if (base.value.value != 0) change.relative = change.absolute / base.value.value;
  if (!change.exact() && base.value.low > 0) {
    change.relative_range = {head.value.low / base.value.high - 1, head.value.high / base.value.low - 1};
  }
  return change;
}

// In front what the gate leads with where time is measured; where instructions are counted there is none of
// these.
int leading_place_of(const Change& change) {
  const auto* info = find_metric(change.metric);
  if (info == nullptr || !info->gated) return 2;
  return info->leads == Leads::timed ? 0 : 1;
}

// Biggest first; a change from nothing is bigger than any.
double size_of(const Change& change) {
  if (change.absolute == 0) return 0;
  return change.relative ? std::abs(*change.relative) : HUGE_VAL;
}

std::tuple<bool, double, double> rank(const ComparedCell& cell) {
  const auto* lead = cell.lead();
  if (lead == nullptr) return {false, -1, 0};
  return {lead->significant(), size_of(*lead), std::abs(lead->absolute)};
}

constexpr std::size_t kResamples = 4000;
constexpr double kAlpha = 0.01;       // of the corrected sign test
constexpr double kControlFactor = 3;  // the floor is never below so many times the A/A spread

double share(double log_ratio) {
  return std::expm1(log_ratio);
}

// Those there are; enough of them, or there would be too few pairs.
std::vector<double> kept(const std::vector<double>& values) {
  std::vector<double> numbers;
  std::ranges::copy_if(values, std::back_inserter(numbers),
                       [](double value) { return std::isfinite(value); });
  return numbers;
}

// The A/A spread is the standard error of the control's median: how far a median of so many pairs moves when
// nothing changed.
PairedOpinion opinion_of(const PairedCell& cell, const PairedValues& values, const Session& session,
                         const Limits& limits) {
  PairedOpinion opinion;
  const auto ratios = stats::log_ratios(values.base, values.head);
  const auto controls = stats::log_ratios(values.base, values.control);
  opinion.pairs = std::min(ratios.size(), controls.size());
  if (opinion.pairs < kLeastPairs) return opinion;
  const auto head = stats::bootstrap_median(ratios, kMissShare, kResamples, session.seed);
  const auto control = stats::bootstrap_median(controls, kMissShare, kResamples, session.seed);
  opinion.asked_floor = std::max(limits.find(cell.name, cell.metric).floor, cell.resolution);
  opinion.floor = std::max(opinion.asked_floor, kControlFactor * share(control.standard_error));
  opinion.base = stats::median(kept(values.base));
  opinion.head = stats::median(kept(values.head));
  opinion.change = share(stats::median(ratios));
  opinion.low = share(head.interval.low);
  opinion.high = share(head.interval.high);
  opinion.p = stats::sign_test_above(ratios, std::log1p(opinion.floor));
  opinion.control = share(stats::median(controls));
  opinion.control_moved =
      share(control.interval.low) > opinion.floor || share(control.interval.high) < -opinion.floor;
  return opinion;
}

std::vector<PairedOpinion> opinions_of(const Session& session, const Limits& limits) {
  std::vector<PairedOpinion> opinions;
  std::vector<double> p;
  for (const auto& cell : session.cells) {
    opinions.push_back(opinion_of(cell, cell.values, session, limits));
    p.push_back(opinions.back().p);
  }
  const auto adjusted = stats::holm(p);
  for (std::size_t i = 0; i < opinions.size(); ++i) opinions[i].p = adjusted[i];
  return opinions;
}

bool is_regression(const PairedOpinion& opinion) {
  return opinion.low > opinion.floor && opinion.p <= kAlpha;
}

// Too few pairs leave everything at its default, which must not look like a pass.
PairedVerdict first_verdict(const PairedOpinion& opinion) {
  PairedVerdict verdict{.verdict = Verdict::inconclusive, .why = {}, .advice = {}, .opinion = opinion};
  if (opinion.pairs < kLeastPairs) {
    verdict.why = fmt::format("{} pairs, {} are needed", opinion.pairs, kLeastPairs);
    verdict.advice = NoiseAdvice::few_pairs;
  } else if (is_regression(opinion)) {
    verdict.verdict = Verdict::regression;
  } else if (opinion.high < -opinion.floor) {
    verdict.verdict = Verdict::improvement;
  } else if (opinion.high < opinion.asked_floor) {
    // Noise raises the floor for a regression, but not the floor for a pass.
    verdict.verdict = Verdict::pass;
  } else {
    verdict.advice = NoiseAdvice::inconclusive;
    verdict.why = fmt::format("between {} and {}, and a change begins at {}", signed_percent(opinion.low),
                              signed_percent(opinion.high), signed_percent(opinion.asked_floor));
    if (opinion.low > opinion.asked_floor) {
      verdict.why += fmt::format("; with this noise at {}", signed_percent(opinion.floor));
    }
  }
  return verdict;
}

void confirm(PairedVerdict& verdict, const PairedCell& cell, const Session& session, const Limits& limits) {
  if (verdict.verdict != Verdict::regression || !cell.confirmation) return;
  const auto again = opinion_of(cell, *cell.confirmation, session, limits);
  // One cell and one question: no correction, and no second floor for the noise.
  verdict.opinion.confirmed = again.pairs >= kLeastPairs && again.low > again.asked_floor;
  if (verdict.opinion.confirmed) return;
  verdict.verdict = Verdict::inconclusive;
  verdict.advice = NoiseAdvice::not_confirmed;
  verdict.why = fmt::format("a fresh run found {}, not {}: not confirmed", signed_percent(again.change),
                            signed_percent(verdict.opinion.change));
}

}  // namespace

bool Change::exact() const {
  return base.metric_class == MetricClass::exact && head.metric_class == MetricClass::exact;
}

bool Change::significant() const {
  if (exact()) return absolute != 0;
  return relative_range && (relative_range->low > 0 || relative_range->high < 0);
}

std::vector<Change> changes_of(const CellPair& pair) {
  std::vector<Change> changes;
  if (!pair.base || !pair.head) return changes;
  for (const auto& base : pair.base->figures) {
    const auto* head = pair.head->find(base.metric);
    if (head != nullptr) changes.push_back(change_of(base, *head));
  }
  std::ranges::stable_sort(changes, {}, leading_place_of);
  return changes;
}

bool larger_change(const ComparedCell& a, const ComparedCell& b) {
  return rank(a) > rank(b);
}

std::vector<ComparedTarget> compare(std::vector<TargetPair> pairs) {
  std::vector<ComparedTarget> all;
  for (auto& pair : pairs) {
    ComparedTarget target;
    for (auto& cell : pair.cells) {
      auto changes = changes_of(cell);
      target.cells.push_back({std::move(cell), std::move(changes)});
    }
    std::ranges::stable_sort(target.cells, larger_change);
    pair.cells.clear();
    target.targets = std::move(pair);
    all.push_back(std::move(target));
  }
  return all;
}

std::map<std::string, PairedVerdict> paired_verdicts(const Session& session, const Limits& limits) {
  std::map<std::string, PairedVerdict> verdicts;
  const auto opinions = opinions_of(session, limits);
  for (std::size_t i = 0; i < opinions.size(); ++i) {
    auto verdict = first_verdict(opinions[i]);
    confirm(verdict, session.cells[i], session, limits);
    if (session.identical && verdict.verdict == Verdict::regression) {
      verdict.verdict = Verdict::inconclusive;
      verdict.advice = NoiseAdvice::identical_sides;
      verdict.why = "identical sides cannot regress: " + signed_percent(verdict.opinion.change) + " is noise";
    }
    verdicts.emplace(session.cells[i].name, std::move(verdict));
  }
  return verdicts;
}

}  // namespace probebench::gate
