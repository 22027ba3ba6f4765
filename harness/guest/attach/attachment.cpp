// SPDX-License-Identifier: MIT
#include "attach/attachment.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace probebench::attach {
namespace {

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::uint64_t less(std::uint64_t count, std::uint64_t what) {
  return count > what ? count - what : 0;
}

// Runs on each of the window's CPUs; one sum where the kernel has no more.
std::vector<std::uint64_t> runs_here(const Window& window, const HitCounts& grown) {
  if (grown.runs.size() == 1) return {grown.runs.front()};
  if (window.by_thread.empty()) return {grown.runs.at(window.cpu)};
  std::vector<std::uint64_t> runs;
  for (const auto& thread : window.by_thread) runs.push_back(grown.runs.at(thread.cpu));
  return runs;
}

}  // namespace

HitCounts growth(const HitCounts& before, const HitCounts& after) {
  HitCounts grown{after.runs, after.missed - before.missed};
  std::ranges::transform(after.runs, before.runs, grown.runs.begin(), std::minus());
  return grown;
}

std::uint64_t assign_hits(Window& window, const HitCounts& grown, const RunsOfWindow& composition) {
  for (auto& thread : window.by_thread) thread.hits.reset();
  const auto here = runs_here(window, grown);
  const auto threads_of_each = here.size() == 1 ? window.threads() : 1;
  const std::uint64_t warmups =
      std::uint64_t{composition.warmup_calls} * composition.per_hit * threads_of_each;
  std::uint64_t runs = 0;
  for (std::size_t i = 0; i < here.size(); ++i) {
    runs += less(here[i], warmups);
    if (here.size() > 1) window.by_thread[i].hits = less(here[i], warmups) / composition.per_hit;
  }
  window.hits = runs / composition.per_hit;
  window.hits_elsewhere = sum(grown.runs) - sum(here);
  window.missed = grown.missed + runs % composition.per_hit;
  return sum(here);
}

}  // namespace probebench::attach
