// SPDX-License-Identifier: MIT
#include "session/external_cell.h"

#include <algorithm>
#include <string_view>

#include "stats/summarise.h"
#include "verify/decode.h"

namespace probebench::session {
namespace {

Window window_of(std::uint32_t operations, std::uint64_t ticks) {
  Window window;
  window.calls = operations;
  window.ticks = ticks;
  return window;
}

WindowPair pair_of(std::uint32_t operations, const PairTicks& ticks) {
  return {window_of(operations, ticks.n), window_of(2 * operations, ticks.twice_n)};
}

std::vector<Round> rounds_of(const ProbeCost& cost) {
  std::vector<Round> rounds;
  for (std::size_t i = 0; i < std::min(cost.base_windows.size(), cost.armed_windows.size()); ++i) {
    Round round;
    round.baseline = pair_of(cost.operations, cost.base_windows[i]);
    round.armed = pair_of(cost.armed_operations, cost.armed_windows[i]);
    rounds.push_back(std::move(round));
  }
  return rounds;
}

// Of all probes together.
HitCount hits_of(const ProbeCost& cost) {
  HitCount sum;
  for (const auto& one : cost.hits) {
    sum.expected += one.hits.expected;
    sum.counted += one.hits.counted;
    sum.missed += one.hits.missed;
  }
  return sum;
}

// Which of the kinds of int3 it is, nobody looked.
ProbeState state_of(SiteArming arming) {
  switch (arming) {
    case SiteArming::ftrace:
    case SiteArming::trampoline:
      return ProbeState::ftrace;
    case SiteArming::jump:
      return ProbeState::optimized;
    case SiteArming::static_key:
      return ProbeState::static_key;
    case SiteArming::breakpoint:
    case SiteArming::led_elsewhere:
    case SiteArming::unknown:
      break;
  }
  return ProbeState::unknown;
}

// A place that arming changed for the probe's own sake, before one that it switched in passing.
const ArmedText* site_of(const ProbeCost& cost) {
  const auto in_passing = [](const ArmedText& site) {
    return site.arming == SiteArming::static_key || site.arming == SiteArming::led_elsewhere;
  };
  const auto own = std::ranges::find_if_not(cost.sites, in_passing);
  if (own != cost.sites.end()) return &*own;
  return cost.sites.empty() ? nullptr : cost.sites.data();
}

std::string listed_in(const ProbeCost& cost, std::initializer_list<std::string_view> listings) {
  for (const auto& one : cost.listed) {
    if (std::ranges::find(listings, one.listing) != listings.end()) return one.line;
  }
  return {};
}

Evidence evidence_of(const ProbeCost& cost) {
  Evidence evidence;
  evidence.kernel_flags = listed_in(cost, {"enabled_functions", "kprobes/list"});
  evidence.link = listed_in(cost, {"BPF links"});
  evidence.missed = hits_of(cost).missed;
  const auto* site = site_of(cost);
  if (site == nullptr) return evidence;
  evidence.before = site->before;
  evidence.armed = site->armed;
  evidence.after = site->after;
  evidence.site_address = site->address;
  evidence.state = state_of(site->arming);
  evidence.decoded = verify::decode(evidence.armed, evidence.site_address, evidence.arch);
  return evidence;
}

}  // namespace

std::string name_of(const CostPlan& plan) {
  Cell cell;
  cell.external = plan.probe();
  return cell.name();
}

CellRecord external_cell(const CostPlan& plan, const ProbeCost& cost, const TargetInfo& target) {
  CellRecord record{.target = target.id, .result = {}, .summary = {}};
  auto& result = record.result;
  result.cell.external = plan.probe();
  result.status = cost.status;
  result.reason = cost.reason;
  result.evidence = evidence_of(cost);
  result.armed = plan.armed;
  result.armed->versions.insert(cost.versions.begin(), cost.versions.end());
  if (cost.status == CellStatus::skipped) {
    result.provided_by = "a kernel that can arm it";
  } else {
    result.rounds = rounds_of(cost);
    if (!result.rounds.empty()) result.hits = hits_of(cost);
  }
  record.summary = stats::summarise(result, *target.clock, target.environment.tsc_khz);
  return record;
}

}  // namespace probebench::session
