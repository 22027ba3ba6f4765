// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "stream/stream_checks.h"

namespace probebench::stream::check {
namespace {

constexpr double kMebibyte = 1 << 20;
// What no round explains: an environment, symbols, what a tracer knows of a cell.
constexpr double kLineBeyondRounds = 8 * kMebibyte;
constexpr double kStreamBeyondRounds = 256 * kMebibyte;
// Six windows as JSON, with what they say of each thread; several times what was seen.
constexpr double kRound = 16 << 10;
constexpr double kRoundOfThread = 1 << 10;
constexpr int kDepth = 32;  // a thread of a window is at 9

// Under --benchmark_repetitions each end of a cell has the rounds of all before it.
double repetitions(const Plan& plan) {
  constexpr std::string_view kFlag = "--benchmark_repetitions=";
  unsigned repeated = 1;
  for (const std::string_view arg : plan.benchmark_args) {
    if (!arg.starts_with(kFlag)) continue;
    const auto number = arg.substr(kFlag.size());
    std::from_chars(number.data(), number.data() + number.size(), repeated);
  }
  return std::max(1U, repeated);
}

double size_of_rounds(const Plan& plan) {
  unsigned threads = 1;
  for (const auto& cell : plan.cells) threads = std::max(threads, cell.threads);
  return plan.rounds * repetitions(plan) * (kRound + kRoundOfThread * threads);
}

Why longer(const char* what, std::size_t size, double limit) {
  if (static_cast<double>(size) <= limit) return std::nullopt;
  return fmt::format("{} than {:.0f} MiB", what, limit / kMebibyte);
}

int depth_of(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_text && c == '\\') ++at;
    if (c == '"') in_text = !in_text;
    if (in_text) continue;
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

}  // namespace

Why line_length(const StreamSoFar& so_far, const Arrival& arrival) {
  return longer("a line is longer", arrival.line.size(), kLineBeyondRounds + size_of_rounds(so_far.plan));
}

Why stream_size(const StreamSoFar& so_far, const Arrival&) {
  const auto cells = static_cast<double>(so_far.plan.cells.size()) * repetitions(so_far.plan);
  return longer("more", so_far.bytes, kStreamBeyondRounds + cells * size_of_rounds(so_far.plan));
}

Why progress(const StreamSoFar& so_far, const Arrival& arrival) {
  if (arrival.idle <= so_far.patience) return std::nullopt;
  return fmt::format("no cell and no step began or ended for {} s", arrival.idle.count());
}

Why seal(const StreamSoFar&, const Arrival& arrival) {
  if (arrival.seal == wire::SealFound::right) return std::nullopt;
  return arrival.seal == wire::SealFound::wrong ? "a line was lost or changed on its way"
                                                : "a line has no seal";
}

Why nesting(const StreamSoFar&, const Arrival& arrival) {
  if (arrival.record != nullptr || depth_of(arrival.line) <= kDepth) return std::nullopt;
  return fmt::format("a record is deeper than {}", kDepth);
}

Why readable(const StreamSoFar&, const Arrival& arrival) {
  if (arrival.unreadable.empty()) return std::nullopt;
  return arrival.unreadable;
}

}  // namespace probebench::stream::check
