// SPDX-License-Identifier: MIT
// Every warning that the program prints has its heading, and every heading its warning.
#include "session/environment_checks.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "model/noise_advice.h"

namespace probebench::session {
namespace {

std::set<std::string> headings() {
  std::set<std::string> found;
  std::ifstream file(PROBEBENCH_SOURCE_DIR "/docs/reducing-noise.md");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) found.insert(line.substr(3));
  }
  return found;
}

std::set<std::string> warnings() {
  std::set<std::string> names;
  for (const auto& info : kNoiseAdvice) names.insert(std::string(info.heading));
  for (const auto& check : kEnvironmentChecks) names.insert(std::string(check.name));
  return names;
}

TEST(NoiseAdvice, HeadingsAreTheWarnings) {
  EXPECT_EQ(headings(), warnings());
}

TEST(NoiseAdvice, NamesAreTheirOwnAnchors) {
  for (const auto& name : warnings()) {
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos) << name;
  }
}

TEST(NoiseAdvice, RowsAreInTheOrderOfTheirIds) {
  for (std::size_t i = 0; i < kNoiseAdvice.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kNoiseAdvice[i].id), i);
  }
  EXPECT_EQ(see(NoiseAdvice::few_pairs), "see docs/reducing-noise.md#few-pairs");
}

}  // namespace
}  // namespace probebench::session
