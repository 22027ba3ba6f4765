// SPDX-License-Identifier: MIT
// Every warning about noise that the program prints names a heading of docs/reducing-noise.md. What is wrong
// with the machine itself is in the table of tune/environment_checks.h, whose names are headings, too.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace probebench::inline model {

enum class NoiseAdvice {
  cannot_tune,
  few_rounds,
  control_moved,
  inconclusive,
  not_interleaved,
  few_pairs,
  not_confirmed,
  not_exact,
  identical_sides,
  steal,
  kernel_log,
  too_noisy,
};

struct NoiseAdviceInfo {
  NoiseAdvice id;
  std::string_view heading;
};

inline constexpr std::array kNoiseAdvice{
    NoiseAdviceInfo{NoiseAdvice::cannot_tune, "cannot-tune"},
    NoiseAdviceInfo{NoiseAdvice::few_rounds, "few-rounds"},
    NoiseAdviceInfo{NoiseAdvice::control_moved, "control-moved"},
    NoiseAdviceInfo{NoiseAdvice::inconclusive, "inconclusive"},
    NoiseAdviceInfo{NoiseAdvice::not_interleaved, "not-interleaved"},
    NoiseAdviceInfo{NoiseAdvice::few_pairs, "few-pairs"},
    NoiseAdviceInfo{NoiseAdvice::not_confirmed, "not-confirmed"},
    NoiseAdviceInfo{NoiseAdvice::not_exact, "not-exact"},
    NoiseAdviceInfo{NoiseAdvice::identical_sides, "identical-sides"},
    NoiseAdviceInfo{NoiseAdvice::steal, "steal"},
    NoiseAdviceInfo{NoiseAdvice::kernel_log, "kernel-log"},
    NoiseAdviceInfo{NoiseAdvice::too_noisy, "too-noisy"},
};

inline std::string see_heading(std::string_view heading) {
  return "see docs/reducing-noise.md#" + std::string(heading);
}

inline std::string see(NoiseAdvice advice) {
  return see_heading(kNoiseAdvice[static_cast<std::size_t>(advice)].heading);
}

}  // namespace probebench::inline model
