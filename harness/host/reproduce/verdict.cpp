// SPDX-License-Identifier: MIT
#include "reproduce/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stats/robust.h"

namespace probebench::reproduce {
namespace {

// The suite of an intrusion detector's probes.
constexpr std::string_view kDetector = "intrusion";
constexpr double kHalf = 2;

struct DecisionWords {
  Decision id;
  std::string_view name;   // in reproduce.json
  std::string_view words;  // begin the verdict
};

constexpr std::array kDecisions{
    DecisionWords{Decision::hiramatsu, "hiramatsu", "For Hiramatsu."},
    DecisionWords{Decision::reeves, "reeves", "For Reeves."},
    DecisionWords{Decision::both, "both", "For both, each on his own question."},
    DecisionWords{Decision::neither, "neither", "For neither."},
    DecisionWords{Decision::no_jump, "no jump", "There is no jump here:"},
    DecisionWords{Decision::undecided, "undecided", "Undecided."},
};

const DecisionWords& words_of(Decision decision) {
  return kDecisions[static_cast<std::size_t>(decision)];
}

std::optional<double> percent_under(const PredictedWorkload& workload, SuiteMechanism mechanism) {
  for (const auto& row : workload.rows) {
    if (row.told.mechanism == mechanism && row.slowdown) return (*row.slowdown - 1) * 100;
  }
  return std::nullopt;
}

std::size_t at_or_above(const std::vector<double>& percents, double line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(percents, [&](double percent) { return percent >= line; }));
}

std::optional<HitFindings> hit_of(const PerHit& per_hit, const std::optional<TimeCurve>& curve, bool exact) {
  const auto* int3 = find_row(per_hit, ProbeType::kprobe_unoptimized, {Handler::nop});
  const auto* jump = find_row(per_hit, ProbeType::kprobe_optimized, {Handler::nop});
  if (int3 == nullptr || jump == nullptr || jump->per_hit <= 0) return std::nullopt;
  HitFindings found{.int3 = int3->per_hit, .jump = jump->per_hit, .int3_state = int3->state};
  if (exact && curve) found.ratio_in_time = curve->ratio;
  return found;
}

std::optional<WorkloadFindings> workloads_of(const std::vector<PredictedWorkload>& workloads, double line) {
  std::vector<double> int3;
  std::vector<double> jump;
  for (const auto& workload : workloads) {
    const auto slow = percent_under(workload, SuiteMechanism::unoptimized);
    const auto fast = percent_under(workload, SuiteMechanism::optimized);
    if (workload.told.suite != kDetector || !slow || !fast) continue;
    int3.push_back(*slow);
    jump.push_back(*fast);
  }
  if (int3.empty()) return std::nullopt;
  return WorkloadFindings{std::string(kDetector),
                          line,
                          int3.size(),
                          at_or_above(int3, line),
                          at_or_above(jump, line),
                          stats::median(int3),
                          stats::median(jump)};
}

std::optional<PruningFindings> pruning_of(const std::vector<Pruning>& prunings) {
  const auto* int3 = find_pruning(prunings, SuiteMechanism::unoptimized);
  const auto* jump = find_pruning(prunings, SuiteMechanism::optimized);
  if (int3 == nullptr || jump == nullptr || !int3->confirmed() || !jump->confirmed()) return std::nullopt;
  return PruningFindings{int3->told.suite, int3->told.line_percent, int3->sites, int3->told.left_out.size(),
                         jump->told.left_out.size()};
}

// Of a guest what it was given: its own name for that may say less.
std::string cpu_model_of(const TargetInfo& target) {
  const auto given = target.fact("qemu.cpu_model");
  return given.empty() || given == "host" ? target.fact("cpu.model", "unknown") : given;
}

Decision decide(const Findings& findings) {
  if (!findings.no_jump.empty()) return Decision::no_jump;
  const auto halves = jump_halves(findings);
  const auto needs = jump_needs_pruning(findings);
  if (!halves || !needs) return Decision::undecided;
  if (*halves) return *needs ? Decision::both : Decision::hiramatsu;
  return *needs ? Decision::reeves : Decision::neither;
}

std::string_view plural(std::size_t count) {
  return count == 1 ? "" : "s";
}

std::string hit_text(const Findings& findings) {
  if (!findings.hit) return {};
  const auto& hit = *findings.hit;
  auto text = fmt::format(
      " A hit costs {:.0f} {} by int3 ({}) and {:.0f} by a jump on the same site, {:.1f} "
      "times less",
      hit.int3, findings.unit, name_of(hit.int3_state), hit.jump, hit.ratio());
  if (hit.ratio_in_time) {
    text += fmt::format("; in time, modelled, {:.0f} to {:.0f} times, depending on what a trap takes",
                        hit.ratio_in_time->low, hit.ratio_in_time->high);
  }
  const auto halves = jump_halves(findings);
  if (!halves) return text + ".";
  return text +
         (*halves ? ": Hiramatsu's jump at least halves it." : ": Hiramatsu's jump does not halve it.");
}

std::string workloads_text(const Findings& findings) {
  if (!findings.workloads) return {};
  const auto& found = *findings.workloads;
  const auto moved = found.above_int3 - std::min(found.above_int3, found.above_jump);
  return fmt::format(
      " Under the suite {}, {} of {} workload{} are at least {:g} % slower with int3 and {} with the jump "
      "({:.1f} % "
      "and {:.1f} % in the median): the jump takes {} below that line.",
      found.suite, found.above_int3, found.workloads, plural(found.workloads), found.line_percent,
      found.above_jump, found.median_int3_percent, found.median_jump_percent,
      moved == 0 ? "none" : std::to_string(moved));
}

std::string pruning_text(const Findings& findings) {
  if (!findings.pruning) return {};
  const auto& found = *findings.pruning;
  if (found.left_out_int3 == 0 && found.left_out_jump == 0) {
    return fmt::format(" None of {} sites need be left out for that line, with int3 or with the jump.",
                       found.sites);
  }
  return fmt::format(
      " For all to be below it, {} of {} sites must be left out with int3 and {} with the jump: {}.",
      found.left_out_int3, found.sites, found.left_out_jump,
      found.left_out_jump == 0 ? "it makes pruning needless, against Reeves"
                               : "pruning is needed with it, too, as Reeves says");
}

std::string missing_text(const Findings& findings) {
  std::string missing;
  const auto add = [&](const char* what) { missing += std::string(missing.empty() ? " " : "; ") + what; };
  if (!findings.hit) {
    add("No hit was measured by both int3 and a jump");
  } else if (!jump_halves(findings)) {
    add("Whether the jump halves a hit in time depends on the machine");
  }
  if (!findings.workloads && !findings.pruning) {
    add("no workload was measured by both");
  } else if (!jump_needs_pruning(findings)) {
    add("no workload is slow enough for Reeves' question to arise");
  }
  if (missing.empty()) return {};
  missing[1] = static_cast<char>(std::toupper(static_cast<unsigned char>(missing[1])));
  return missing + ".";
}

std::string place_text(const Findings& findings) {
  return fmt::format(
      " Linux {}, CPU model {}; {}.", findings.kernel, findings.cpu_model,
      findings.unit == "instructions" ? "counts of executed instructions" : "time, in " + findings.unit);
}

}  // namespace

std::string_view name_of(Decision decision) {
  return words_of(decision).name;
}

Findings findings_of(const TargetInfo& target, const PerHit& per_hit, const std::optional<TimeCurve>& curve,
                     const std::vector<PredictedWorkload>& workloads, const std::vector<Pruning>& prunings) {
  const auto clock = target.clock.value_or(ClockKind::tsc);
  Findings found{.kernel = target.fact("kernel.release", "unknown"),
                 .cpu_model = cpu_model_of(target),
                 .unit = std::string(info_of(clock).unit),
                 .no_jump = {}};
  found.hit = hit_of(per_hit, curve, counts_instructions(clock));
  if (!found.hit && !per_hit.rows.empty()) found.no_jump = per_hit.no_jump;
  found.pruning = pruning_of(prunings);
  const double line = prunings.empty() ? kLinePercent : prunings.front().told.line_percent;
  found.workloads = workloads_of(workloads, line);
  return found;
}

std::optional<bool> jump_halves(const Findings& findings) {
  if (!findings.hit) return std::nullopt;
  const auto& hit = *findings.hit;
  if (hit.ratio() >= kHalf) return true;
  if (!hit.ratio_in_time) return false;
  // An int3 is dearer in time than in instructions.
  if (hit.ratio_in_time->low >= kHalf) return true;
  if (hit.ratio_in_time->high < kHalf) return false;
  return std::nullopt;
}

std::optional<bool> jump_needs_pruning(const Findings& findings) {
  if (findings.pruning) {
    if (findings.pruning->left_out_int3 == 0 && findings.pruning->left_out_jump == 0) return std::nullopt;
    return findings.pruning->left_out_jump > 0;
  }
  if (!findings.workloads) return std::nullopt;
  if (findings.workloads->above_int3 == 0 && findings.workloads->above_jump == 0) return std::nullopt;
  return findings.workloads->above_jump > 0;
}

Verdict verdict_of(const Findings& findings) {
  const bool something = findings.hit || !findings.no_jump.empty() || findings.workloads || findings.pruning;
  if (!something) return {};
  const auto decision = decide(findings);
  auto text = std::string(words_of(decision).words);
  if (decision == Decision::no_jump) {
    text += fmt::format(" {}. Whatever a jump saves elsewhere, here it saves nothing.", findings.no_jump);
  }
  if (decision == Decision::undecided) text += missing_text(findings);
  text += hit_text(findings) + workloads_text(findings) + pruning_text(findings) + place_text(findings);
  return {decision, std::move(text)};
}

}  // namespace probebench::reproduce
