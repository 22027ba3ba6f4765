// SPDX-License-Identifier: MIT
#include "experiment/one_moment.h"

#include <fmt/format.h>

namespace probebench::experiment {
namespace {

constexpr int kMostTries = 20;

}  // namespace

Result<HitCount> counts_of_one_moment(const ReadCount& runs, const ReadCount& hits) {
  auto before = TRY(hits());
  for (int i = 0; i < kMostTries; ++i) {
    const auto ran = TRY(runs());
    const auto after = TRY(hits());
    if (after == before) return HitCount{ran, after, 0};
    before = after;
  }
  return Error{Fault::unsupported,
               fmt::format("undecided: probed functions ran whenever hits were read, {} times", kMostTries),
               0, "leave out what every process passes, or the bpf() system call"};
}

}  // namespace probebench::experiment
