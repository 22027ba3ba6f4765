// SPDX-License-Identifier: MIT
#include "gate/paired_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <vector>

#include "base/text.h"
#include "stats/paired.h"
#include "stats/robust.h"
#include "stats/tails.h"

namespace probebench::gate {
namespace {

constexpr std::size_t kResamples = 4000;
constexpr double kControlFactor = 3;  // the floor is never below so many times the A/A spread
// The two families of tests, medians and slow modes, share 1 % between them; Holm's correction keeps each at
// its part.
constexpr double kAlpha = 0.007;
constexpr double kSlowAlpha = 0.003;
constexpr double kSlowDoubt = 0.1;  // a slow mode that may have grown does not pass
constexpr double kRounding = 1e-9;

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
double spread_of(const std::vector<double>& controls, const Session& session) {
  return kControlFactor * share(stats::median_error(controls, kResamples, session.seed));
}

// How far two layouts of one source may be apart, from those that were handed in and the base's own: none of
// the session's cells may be called a regression because of one.
double layout_floor(const PairedValues& values, const Session& session) {
  std::vector<double> layouts{0};  // the base is one, too
  for (std::size_t layout = 0; layout < session.layouts; ++layout) {
    std::vector<double> bases;
    std::vector<double> controls;
    for (std::size_t i = layout; i < values.base.size(); i += session.layouts) {
      bases.push_back(values.base[i]);
      controls.push_back(values.control[i]);
    }
    const auto ratios = stats::log_ratios(bases, controls);
    if (!ratios.empty()) layouts.push_back(stats::median(ratios));
  }
  if (layouts.size() < 2) return 0;
  const double t =
      stats::student_quantile(layouts.size() - 1, kAlpha / static_cast<double>(session.cells.size()));
  return share(t * std::numbers::sqrt2 * stats::standard_deviation(layouts));
}

// Base and control are one program, so that both say how often it is slow.
stats::SlowMode slow_mode_of(const PairedValues& values, double floor) {
  auto unchanged = kept(values.base);
  std::ranges::copy(kept(values.control), std::back_inserter(unchanged));
  return stats::slow_mode(unchanged, kept(values.head), floor);
}

PairedOpinion opinion_of(const PairedCell& cell, const PairedValues& values, const Session& session,
                         const Limits& limits) {
  PairedOpinion opinion;
  const auto ratios = stats::log_ratios(values.base, values.head);
  const auto controls = stats::log_ratios(values.base, values.control);
  opinion.pairs = std::min(ratios.size(), controls.size());
  if (opinion.pairs < kLeastPairs) return opinion;
  const auto head = stats::median_interval(ratios, kMissShare);
  const auto control = stats::median_interval(controls, kMissShare);
  opinion.asked_floor = std::max(limits.find(cell.name, cell.metric).floor, cell.resolution);
  opinion.floor =
      std::max({opinion.asked_floor, spread_of(controls, session), layout_floor(values, session)});
  opinion.base = stats::median(kept(values.base));
  opinion.head = stats::median(kept(values.head));
  opinion.change = share(stats::median(ratios));
  opinion.low = share(head.low);
  opinion.high = share(head.high);
  opinion.p = stats::sign_test_above(ratios, std::log1p(opinion.floor) + kRounding);
  opinion.control = share(stats::median(controls));
  opinion.control_moved =
      above_floor(share(control.low), opinion.floor) || above_floor(-share(control.high), opinion.floor);
  opinion.slow = slow_mode_of(values, opinion.floor);
  opinion.slow_doubt = slow_mode_of(values, opinion.asked_floor).p;
  return opinion;
}

std::vector<PairedOpinion> opinions_of(const Session& session, const Limits& limits) {
  std::vector<PairedOpinion> opinions;
  std::vector<double> p;
  std::vector<double> slow_p;
  for (const auto& cell : session.cells) {
    opinions.push_back(opinion_of(cell, cell.values, session, limits));
    p.push_back(opinions.back().p);
    slow_p.push_back(opinions.back().slow.p);
  }
  const auto adjusted = stats::holm(p);
  const auto slow_adjusted = stats::holm(slow_p);
  for (std::size_t i = 0; i < opinions.size(); ++i) {
    opinions[i].p = adjusted[i];
    opinions[i].slow.p = slow_adjusted[i];
  }
  return opinions;
}

bool is_slower(const PairedOpinion& opinion) {
  return above_floor(opinion.low, opinion.floor) && opinion.p <= kAlpha;
}

std::string slow_words(const PairedOpinion& opinion) {
  return fmt::format("slow mode: {:.0f} % -> {:.0f} % of visits", 100 * opinion.slow.base,
                     100 * opinion.slow.head);
}

std::string undecided_words(const PairedOpinion& opinion) {
  auto words = fmt::format("between {} and {}, and a change begins at {}", signed_percent(opinion.low),
                           signed_percent(opinion.high), signed_percent(opinion.asked_floor));
  if (above_floor(opinion.low, opinion.asked_floor)) {
    words += fmt::format("; with this noise at {}", signed_percent(opinion.floor));
  }
  return words;
}

// Too few pairs leave everything at its default, which must not look like a pass.
PairedVerdict first_verdict(const PairedOpinion& opinion, std::size_t cells) {
  PairedVerdict verdict{.verdict = Verdict::inconclusive, .why = {}, .advice = {}, .opinion = opinion};
  if (const auto needed = pairs_needed(cells); opinion.pairs < needed) {
    verdict.why = fmt::format("{} pairs of {} cell{}: {} are needed, with fewer no regression can be shown",
                              opinion.pairs, cells, cells == 1 ? "" : "s", needed);
    verdict.advice = NoiseAdvice::few_pairs;
  } else if (is_slower(opinion)) {
    verdict.verdict = Verdict::regression;
  } else if (opinion.slow.p <= kSlowAlpha) {
    verdict.verdict = Verdict::regression;
    verdict.why = slow_words(opinion);
  } else if (opinion.slow_doubt <= kSlowDoubt) {
    verdict.advice = NoiseAdvice::inconclusive;
    verdict.why = slow_words(opinion) + ", which may be chance";
  } else if (above_floor(-opinion.high, opinion.floor)) {
    verdict.verdict = Verdict::improvement;
  } else if (!above_floor(opinion.high, opinion.asked_floor)) {
    // Noise raises the floor for a regression, but not the floor for a pass.
    verdict.verdict = Verdict::pass;
  } else {
    verdict.advice = NoiseAdvice::inconclusive;
    verdict.why = undecided_words(opinion);
  }
  return verdict;
}

// One cell and one question: no correction, and no second floor for the noise.
bool confirms(const PairedOpinion& first, const PairedOpinion& again) {
  if (again.pairs < kLeastPairs) return false;
  return is_slower(first) ? above_floor(again.low, again.asked_floor) : again.slow.p <= kMissShare;
}

void confirm(PairedVerdict& verdict, const PairedCell& cell, const Session& session, const Limits& limits) {
  if (verdict.verdict != Verdict::regression || !cell.confirmation) return;
  const auto again = opinion_of(cell, *cell.confirmation, session, limits);
  verdict.opinion.confirmed = confirms(verdict.opinion, again);
  if (verdict.opinion.confirmed) return;
  verdict.verdict = Verdict::inconclusive;
  verdict.advice = NoiseAdvice::not_confirmed;
  verdict.why = is_slower(verdict.opinion)
                    ? fmt::format("a fresh run found {}, not {}: not confirmed", signed_percent(again.change),
                                  signed_percent(verdict.opinion.change))
                    : fmt::format("{}; a fresh run found {:.0f} % -> {:.0f} %: not confirmed", verdict.why,
                                  100 * again.slow.base, 100 * again.slow.head);
}

}  // namespace

bool above_floor(double change, double floor) {
  return change > floor + kRounding;
}

std::size_t pairs_needed(std::size_t cells) {
  return std::max(kLeastPairs, stats::least_pairs(cells, kAlpha));
}

std::map<std::string, PairedVerdict> paired_verdicts(const Session& session, const Limits& limits) {
  std::map<std::string, PairedVerdict> verdicts;
  const auto opinions = opinions_of(session, limits);
  for (std::size_t i = 0; i < opinions.size(); ++i) {
    auto verdict = first_verdict(opinions[i], session.cells.size());
    confirm(verdict, session.cells[i], session, limits);
    if (session.identical && verdict.verdict == Verdict::regression) {
      verdict.verdict = Verdict::inconclusive;
      verdict.advice = NoiseAdvice::identical_sides;
      verdict.why = fmt::format("identical sides cannot regress: {} is noise",
                                verdict.why.empty() ? signed_percent(verdict.opinion.change) : verdict.why);
    }
    verdicts.emplace(session.cells[i].name, std::move(verdict));
  }
  return verdicts;
}

}  // namespace probebench::gate
