// SPDX-License-Identifier: MIT
// What `git bisect run` makes of an exit code is not what ours mean: it takes 1 to 127 for bad, but 125,
// which skips the commit, and ends on 128 and above.
#pragma once

#include <algorithm>
#include <array>

#include "model/exit_code.h"

namespace probebench::tree {

inline constexpr int kGitGood = 0;
inline constexpr int kGitBad = 1;
inline constexpr int kGitSkip = 125;
inline constexpr int kGitAbort = 128;

struct StepCode {
  ExitCode ours;
  int for_git;
};

inline constexpr std::array kStepCodes{
    StepCode{ExitCode::fine, kGitGood},
    StepCode{ExitCode::regression, kGitBad},
    // This commit cannot be judged.
    StepCode{ExitCode::cell_failed, kGitSkip},
    StepCode{ExitCode::nothing_measured, kGitSkip},
    StepCode{ExitCode::unfit, kGitSkip},
    StepCode{ExitCode::unavailable, kGitSkip},
    // No commit can.
    StepCode{ExitCode::usage, kGitAbort},
    StepCode{ExitCode::interrupted, static_cast<int>(ExitCode::interrupted)},
};

// A code that is none of ours is that of a program that a signal ended: nothing is known of the commit.
constexpr int git_code_of(ExitCode code) {
  const auto* found = std::ranges::find(kStepCodes, code, &StepCode::ours);
  return found == kStepCodes.end() ? kGitAbort : found->for_git;
}

}  // namespace probebench::tree
