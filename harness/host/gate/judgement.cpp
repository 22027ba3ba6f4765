// SPDX-License-Identifier: MIT
#include "gate/judgement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/order.h"
#include "base/text.h"
#include "gate/kernel_builds.h"

namespace probebench::gate {
namespace {

using PairedVerdicts = std::map<std::string, PairedVerdict>;

bool is(const std::optional<SideCell>& cell, CellStatus status) {
  return cell && cell->status == status;
}

std::string said_of(const SideCell& cell) {
  return fmt::format("{}: {}", name_of(cell.status), cell.reason);
}

// Why the cell is not there to be compared; an unset verdict: it is.
struct Absence {
  std::optional<Verdict> verdict;
  std::string why;
};

Absence absence_of(const CellPair& cells) {
  const auto& [name, base, head] = cells;
  if (!head) {
    if (!is(base, CellStatus::measured)) return {Verdict::skipped, {}};
    return {Verdict::incomplete, {}};
  }
  if (head->status == CellStatus::errored || head->status == CellStatus::invalid) {
    return {Verdict::incomplete, said_of(*head)};
  }
  if (head->status == CellStatus::skipped) {
    if (is(base, CellStatus::measured)) return {Verdict::incomplete, said_of(*head)};
    return {Verdict::skipped, said_of(*head)};
  }
  if (!base) return {Verdict::added, {}};
  if (base->status != CellStatus::measured) return {Verdict::added, "in the base " + said_of(*base)};
  return {};
}

bool within(const Change& change, const Limit& limit) {
  const double grown = std::abs(change.absolute);
  return grown <= limit.absolute || (change.relative && std::abs(*change.relative) <= limit.relative);
}

Verdict exact_verdict(const Change& change, const Limit& limit) {
  if (change.absolute == 0 || within(change, limit)) return Verdict::pass;
  return change.absolute > 0 ? Verdict::regression : Verdict::improvement;
}

std::string demotion_of(const Change& change) {
  for (const auto* metric : {&change.base, &change.head}) {
    if (!metric->note.empty()) return metric->note;
  }
  return {};
}

class Judge {
 public:
  explicit Judge(const JudgeRules& rules) : rules_(rules) {
    if (rules.session != nullptr) paired_ = paired_verdicts(*rules.session, rules.limits);
  }

  JudgedTarget target(ComparedTarget compared);
  // The control moved somewhere: nothing noisy can be believed.
  std::string unfit() const;

 private:
  JudgedCell cell(ComparedCell compared) const;
  void judge_figures(JudgedCell& judged) const;
  void judge_exact(JudgedCell& judged) const;
  std::string owed_to_layout(const JudgedCell& judged, const Change& change) const;
  void judge_demoted(JudgedCell& judged) const;
  void judge_noisy(JudgedCell& judged) const;
  void judge_mechanism(JudgedCell& judged) const;

  const JudgeRules& rules_;
  PairedVerdicts paired_;
  bool counts_ = false;              // the target at hand counts executed instructions
  bool laid_out_otherwise_ = false;  // and its kernel is another build than the base's
};

std::string Judge::unfit() const {
  std::vector<std::string> moved;
  for (const auto& [name, verdict] : paired_) {
    if (verdict.opinion.control_moved) {
      moved.push_back(fmt::format("{} ({})", name, signed_percent(verdict.opinion.control)));
    }
  }
  return moved.empty() ? "" : fmt::format("the A/A control moved: {}", fmt::join(moved, ", "));
}

// Why a difference may be one of addresses and not of code; nothing: addresses have no part in it.
std::string Judge::owed_to_layout(const JudgedCell& judged, const Change& change) const {
  if (!laid_out_otherwise_ || change.metric != name_of(&Summary::instructions_per_hit)) return {};
  const auto& [name, base, head] = judged.cell.cells;
  if (base->in_own_list != head->in_own_list) {
    return fmt::format("addresses collide in the table of kprobes, in the {} only: not gated",
                       base->in_own_list ? "base" : "head");
  }
  const auto floor = rules_.limits.find(judged.name(), change.metric).floor;
  const bool small = change.relative && !above_floor(std::abs(*change.relative), floor);
  if (!follows_layout(*base) || !follows_layout(*head) || !small) return {};
  return "unwinding the stack depends on addresses: not gated exactly";
}

void Judge::judge_exact(JudgedCell& judged) const {
  judged.verdict = Verdict::pass;
  for (const auto& change : judged.cell.changes) {
    if (!change.exact() || change.absolute == 0) continue;
    const auto layout = owed_to_layout(judged, change);
    const auto limit = rules_.limits.find(judged.name(), change.metric);
    if (layout.empty()) judged.verdict = std::min(judged.verdict, exact_verdict(change, limit));
    if (judged.verdict == Verdict::pass) judged.why = layout.empty() ? "within the limits" : layout;
  }
}

void Judge::judge_noisy(JudgedCell& judged) const {
  judged.verdict = Verdict::inconclusive;
  const auto found = paired_.find(judged.name());
  if (found != paired_.end()) {
    judged.verdict = found->second.verdict;
    judged.why = found->second.why;
    judged.advice = found->second.advice;
    judged.paired = found->second.opinion;
    return;
  }
  judged.why = "noisy, and not measured as interleaved pairs";
  judged.advice = NoiseAdvice::not_interleaved;
}

// An emulated machine has no drift that interleaved pairs would cancel; the range of the rounds is the whole
// uncertainty.
void Judge::judge_demoted(JudgedCell& judged) const {
  const auto& change = *judged.cell.lead();
  const auto floor = rules_.limits.find(judged.name(), change.metric).floor;
  judged.why = "not exact: " + demotion_of(change);
  judged.advice = NoiseAdvice::not_exact;
  judged.verdict = Verdict::inconclusive;
  if (!change.relative_range) return;
  const auto [low, high] = *change.relative_range;
  if (above_floor(low, floor)) judged.verdict = Verdict::regression;
  if (above_floor(-high, floor)) judged.verdict = Verdict::improvement;
  if (!above_floor(-low, floor) && !above_floor(high, floor)) judged.verdict = Verdict::pass;
}

void Judge::judge_mechanism(JudgedCell& judged) const {
  const auto& [name, base, head] = judged.cell.cells;
  if (base->state.empty() || head->state.empty() || base->state == head->state) return;
  const auto change = fmt::format("mechanism: {} -> {}", base->state, head->state);
  judged.why = judged.why.empty() ? change : change + "; " + judged.why;
  if (!rules_.mechanism_may_change) judged.verdict = Verdict::regression;
}

void Judge::judge_figures(JudgedCell& judged) const {
  const auto* lead = judged.cell.lead();
  if (lead == nullptr) {
    judged.verdict = Verdict::inconclusive;
    judged.why = "no figure in common";
  } else if (lead->exact()) {
    judge_exact(judged);
  } else if (counts_ && lead->metric == name_of(&Summary::instructions_per_hit)) {
    judge_demoted(judged);
  } else {
    judge_noisy(judged);
  }
  judge_mechanism(judged);
}

JudgedCell Judge::cell(ComparedCell compared) const {
  JudgedCell judged{
      .cell = std::move(compared), .verdict = {}, .why = {}, .advice = {}, .accepted = {}, .paired = {}};
  const auto absence = absence_of(judged.cell.cells);
  if (!absence.verdict) {
    judge_figures(judged);
    return judged;
  }
  judged.verdict = *absence.verdict;
  judged.why = absence.why;
  const auto* rule = rules_.limits.accepted(judged.name());
  if (judged.verdict == Verdict::incomplete && rule != nullptr) {
    judged.verdict = Verdict::pass;
    judged.accepted = rule->reason;
  }
  return judged;
}

std::string differing(const std::vector<FactDifference>& differences) {
  std::vector<std::string> names;
  for (const auto& one : differences) {
    if (!one.may_differ) names.push_back(one.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// Why the targets as a whole are not compared; nothing: they are.
Absence target_absence(const TargetPair& pair) {
  if (!pair.head) return {Verdict::incomplete, "the head does not have this target"};
  if (!pair.base) return {Verdict::incomparable, "the base has no such target"};
  for (const auto* side : {&*pair.base, &*pair.head}) {
    if (side->fingerprint.empty()) return {Verdict::incomplete, "it never came up: " + side->ended};
  }
  if (!pair.comparable) return {Verdict::incomparable, "different: " + differing(pair.differences)};
  return {};
}

bool in_both(const JudgedCell& cell) {
  return cell.cell.cells.base && cell.cell.cells.head;
}

bool measured_in_both(const JudgedCell& cell) {
  return is(cell.cell.cells.base, CellStatus::measured) && is(cell.cell.cells.head, CellStatus::measured);
}

// A regression of a machine whose control regresses as well proves nothing.
void distrust(JudgedTarget& target) {
  for (auto& cell : target.cells) {
    if (!cell.paired || cell.verdict == Verdict::pass) continue;
    cell.verdict = Verdict::inconclusive;
    cell.why = "the A/A control moved";
    cell.advice = NoiseAdvice::control_moved;
  }
}

// Green for the few cells that a base reached looks like green for all of them.
std::string thin_base(const JudgedTarget& target) {
  const auto unreached = [](const JudgedCell& cell) {
    return cell.cell.cells.base && cell.cell.cells.base->unreached;
  };
  if (std::ranges::none_of(target.cells, unreached)) return {};
  const auto& ended = target.targets.base->ended;
  return fmt::format("{} of {} cells compared: the base ended early{}",
                     std::ranges::count_if(target.cells, measured_in_both), target.cells.size(),
                     ended.empty() ? "" : ", " + ended);
}

void sum_up(JudgedTarget& target) {
  sort_large(target.cells, [](const JudgedCell& a, const JudgedCell& b) {
    return a.verdict != b.verdict ? a.verdict < b.verdict : larger_change(a.cell, b.cell);
  });
  if (!target.cells.empty()) target.verdict = target.cells.front().verdict;
  // An added cell does not affect the overall verdict.
  if (target.verdict == Verdict::added) target.verdict = Verdict::pass;
  // Nothing to compare must never be green; nor is it a list of missing cells.
  const bool nothing_shared = std::ranges::none_of(target.cells, in_both);
  const bool nothing_measured = std::ranges::none_of(target.cells, measured_in_both);
  target.why = thin_base(target);
  if (!nothing_shared && (!nothing_measured || target.verdict < Verdict::inconclusive)) return;
  target.verdict = Verdict::incomparable;
  target.why = nothing_shared ? "no cell in common" : "no cell was measured on both sides";
}

JudgedTarget Judge::target(ComparedTarget compared) {
  JudgedTarget judged{
      .targets = std::move(compared.targets), .verdict = Verdict::pass, .why = {}, .cells = {}};
  const auto absence = target_absence(judged.targets);
  if (absence.verdict) {
    judged.verdict = *absence.verdict;
    judged.why = absence.why;
    return judged;
  }
  counts_ = counts_instructions(judged.targets.head->clock());
  laid_out_otherwise_ = judged.targets.laid_out_otherwise;
  judged.cells.reserve(compared.cells.size());
  for (auto& one : compared.cells) judged.cells.push_back(cell(std::move(one)));
  if (!unfit().empty()) distrust(judged);
  sum_up(judged);
  return judged;
}

}  // namespace

Judgement judge(std::vector<ComparedTarget> compared, const JudgeRules& rules) {
  Judge judge(rules);
  Judgement judgement;
  judgement.unfit = judge.unfit();
  for (auto& target : compared) judgement.targets.push_back(judge.target(std::move(target)));
  if (judgement.targets.empty()) judgement.verdict = Verdict::incomparable;
  for (const auto& target : judgement.targets)
    judgement.verdict = std::min(judgement.verdict, target.verdict);
  if (!judgement.unfit.empty()) judgement.verdict = std::min(judgement.verdict, Verdict::inconclusive);
  return judgement;
}

}  // namespace probebench::gate
