// SPDX-License-Identifier: MIT
// An opinion on every cell and on the whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/compare.h"
#include "gate/limits.h"
#include "gate/paired_verdict.h"
#include "gate/session.h"
#include "gate/verdict.h"
#include "model/noise_advice.h"

namespace probebench::gate {

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

}  // namespace probebench::gate
