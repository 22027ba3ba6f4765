// SPDX-License-Identifier: MIT
// Streams that were damaged on their way.
#include "stream/stream_checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <span>

#include "sound_stream.h"
#include "stream/stream_rules.h"
#include "wire/seal.h"

namespace probebench::stream {
namespace {

// One bit, or a line that is lost, repeated or moved.
void mutate(std::vector<std::string>& lines, std::mt19937& random) {
  const auto any = [&](std::size_t count) { return random() % count; };
  const auto at = static_cast<std::ptrdiff_t>(any(lines.size()));
  auto& line = lines[static_cast<std::size_t>(at)];
  switch (any(4)) {
    case 0:
      line[any(line.size())] ^= static_cast<char>(1 << any(8));
      break;
    case 1:
      lines.erase(lines.begin() + at);
      break;
    case 2:
      lines.insert(lines.begin() + at, std::string(line));
      break;
    default:
      std::swap(line, lines[any(lines.size())]);
  }
}

std::vector<std::string> lines_of_a_sound_stream() {
  std::vector<std::string> lines;
  wire::Seal seal;
  for (const auto& record : sound().records) lines.push_back(seal.put(wire::encode(record)));
  return lines;
}

// How many lines are taken; lines that are those of `taken` are not read again.
std::size_t lines_taken(StreamReader reader, std::span<const std::string> lines) {
  const auto refused = std::ranges::find_if(lines, [&](const auto& line) { return !reader.read(line); });
  return static_cast<std::size_t>(refused - lines.begin());
}

// PROBEBENCH_MUTATIONS in the environment: so many.
TEST(MutatedStreams, OfSealedStreamsOnlyTheTrueOnePasses) {
  const char* wanted = std::getenv("PROBEBENCH_MUTATIONS");
  const auto mutations = wanted == nullptr ? 5000 : std::stoul(wanted);
  std::mt19937 random(1);
  const auto sent = lines_of_a_sound_stream();
  // Readers that have taken so many of the lines that were sent.
  std::vector<StreamReader> after;
  after.emplace_back(sound().plan, std::chrono::seconds(600));
  for (const auto& line : sent) {
    after.push_back(after.back());
    ASSERT_TRUE(after.back().read(line));
  }
  for (std::size_t i = 0; i < mutations; ++i) {
    auto arrived = sent;
    mutate(arrived, random);
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(sent, arrived).in1 - sent.begin());
    const auto rest = std::span(arrived).subspan(same);
    // Without its last line a stream has no end, which whoever reads it sees.
    EXPECT_EQ(lines_taken(after[same], rest), 0U) << i;
  }
  ::testing::Test::RecordProperty("mutations", std::to_string(mutations));
}

}  // namespace
}  // namespace probebench::stream
