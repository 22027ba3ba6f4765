// SPDX-License-Identifier: MIT
// What a comparison may come to, and the exit code that goes with it.
#pragma once

#include <array>
#include <string_view>

#include "model/exit_code.h"

namespace probebench::gate {

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

}  // namespace probebench::gate
