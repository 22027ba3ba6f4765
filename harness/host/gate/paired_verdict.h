// SPDX-License-Identifier: MIT
// Noisy metrics: what interleaved pairs prove.
#pragma once

#include <map>
#include <string>

#include "gate/limits.h"
#include "gate/session.h"
#include "gate/verdict.h"

namespace probebench {

struct PairedVerdict {
  Verdict verdict = Verdict::inconclusive;
  std::string why;
  std::optional<NoiseAdvice> advice;
  PairedOpinion opinion;
};

// Of every cell of the session, by name. A regression needs a lower bound above the floor and a sign test
// that survives Holm's correction; a confirmation, where there is one, must say the same.
std::map<std::string, PairedVerdict> paired_verdicts(const Session& session, const Limits& limits);

}  // namespace probebench
