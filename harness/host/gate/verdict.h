// SPDX-License-Identifier: MIT
// An opinion on every cell and on the whole, and the exit code that goes with it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/compare.h"
#include "gate/limits.h"
#include "gate/session.h"
#include "model/exit_code.h"
#include "model/noise_advice.h"

namespace probebench {

// Worst first: the whole is as bad as its worst part.
enum class Verdict { regression, incomplete, incomparable, inconclusive, improvement, added, pass, skipped };

struct VerdictInfo {
  Verdict id;
  std::string_view name;
  ExitCode exit_code;
  std::string_view meaning;
};

inline constexpr std::array kVerdicts{
    VerdictInfo{Verdict::regression, "regression", ExitCode::regression, "costs more than the limits allow"},
    VerdictInfo{Verdict::incomplete, "incomplete", ExitCode::regression,
                "the base measured it, the head did not"},
    VerdictInfo{Verdict::incomparable, "incomparable", ExitCode::unfit, "measured in different places"},
    VerdictInfo{Verdict::inconclusive, "inconclusive", ExitCode::unfit, "the data cannot tell"},
    VerdictInfo{Verdict::improvement, "improvement", ExitCode::fine, "costs less"},
    VerdictInfo{Verdict::added, "added", ExitCode::fine, "the base does not have it"},
    VerdictInfo{Verdict::pass, "pass", ExitCode::fine, "the same, or within the limits"},
    VerdictInfo{Verdict::skipped, "skipped", ExitCode::fine, "measured on neither side"},
};

constexpr const VerdictInfo& info_of(Verdict id) {
  return kVerdicts[static_cast<std::size_t>(id)];
}

// What the pairs of a session say of a cell; shares, not logarithms.
struct PairedOpinion {
  std::size_t pairs = 0;
  double base = 0;  // medians of the visits, in the metric's unit
  double head = 0;
  double change = 0;  // median of head / base, less 1
  double low = 0;     // each end is missed with a probability of kMissShare
  double high = 0;
  double asked_floor = 0;  // smaller changes do not matter
  double floor = 0;        // smaller ones cannot be told from noise; never below the asked one
  double p = 1;            // of "no more than the floor", corrected for the number of cells
  double control = 0;      // median of control / base, less 1
  bool control_moved = false;
  bool confirmed = false;
};

inline constexpr double kMissShare = 0.01;
inline constexpr std::size_t kLeastPairs = 9;

struct JudgedCell {
  ComparedCell cell;
  Verdict verdict = Verdict::pass;
  std::string why;                    // in words, what the figures do not say
  std::optional<NoiseAdvice> advice;  // what could be done about it
  std::string accepted;               // why the limits accept it all the same
  std::optional<PairedOpinion> paired;

  const std::string& name() const { return cell.cells.name; }
};

struct JudgedTarget {
  TargetPair targets;  // without cells
  Verdict verdict = Verdict::pass;
  std::string why;                // when it is the target that decides
  std::vector<JudgedCell> cells;  // worst first, then the largest changes
};

struct Judgement {
  Verdict verdict = Verdict::pass;
  std::string unfit;  // why the machine cannot be trusted now; empty: it can
  std::vector<JudgedTarget> targets;

  ExitCode exit_code() const { return info_of(verdict).exit_code; }
};

// `session` holds the pairs of noisy metrics; null: there are none, and noisy metrics are inconclusive.
// A probe site whose observed state changed is a regression, unless the sides are different kernels.
struct JudgeRules {
  const Limits& limits;
  const Session* session = nullptr;
  bool mechanism_may_change = false;
};

Judgement judge(std::vector<ComparedTarget> compared, const JudgeRules& rules);

// Cells by verdict, over all targets.
std::size_t count_of(const Judgement& judgement, Verdict verdict);

}  // namespace probebench
