// SPDX-License-Identifier: MIT
#include "stats/hit_tally.h"

namespace probebench::stats {
namespace {

void add(HitTally& tally, const Window& window) {
  tally.expected += window.all_calls();
  tally.counted += window.hits + window.hits_elsewhere;
  tally.elsewhere += window.hits_elsewhere;
  tally.missed += window.missed;
  if (window.by_thread.empty()) tally.per_cpu[window.cpu] += window.hits;
  for (const auto& thread : window.by_thread) {
    if (thread.hits) tally.per_cpu[thread.cpu] += *thread.hits;
  }
}

}  // namespace

HitTally tally_hits(const std::vector<Round>& rounds) {
  HitTally tally;
  for (const auto& round : rounds) {
    add(tally, round.counted().n);
    add(tally, round.counted().twice_n);
  }
  return tally;
}

}  // namespace probebench::stats
