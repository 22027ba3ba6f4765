// SPDX-License-Identifier: MIT
#include "wire/seal.h"

#include <gtest/gtest.h>

#include <vector>

#include "wire/records.h"

namespace probebench::wire {
namespace {

std::vector<std::string> sealed_lines() {
  Seal seal;
  std::vector<std::string> lines;
  for (const auto* name : {"a", "b", "b", "c"}) lines.push_back(seal.put(encode(CellBegin{name})));
  return lines;
}

bool all_right(const std::vector<std::string>& lines) {
  Seal seal;
  for (const auto& line : lines) {
    if (seal.check(line) != SealFound::right) return false;
  }
  return true;
}

TEST(Seal, IsAMemberThatNobodyElseReads) {
  const auto lines = sealed_lines();
  EXPECT_TRUE(all_right(lines));
  const auto record = decode(lines[3]);
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(std::get<CellBegin>(*record).name, "c");
  EXPECT_EQ(Seal().check(encode(CellBegin{"a"})), SealFound::absent);
  EXPECT_EQ(Seal().check(""), SealFound::absent);
}

TEST(Seal, SeesWhatIsLostRepeatedOrMoved) {
  auto lines = sealed_lines();
  lines.erase(lines.begin() + 1);
  EXPECT_FALSE(all_right(lines));
  lines = sealed_lines();
  lines.insert(lines.begin(), lines.front());
  EXPECT_FALSE(all_right(lines));
  lines = sealed_lines();
  std::swap(lines[0], lines[1]);
  EXPECT_FALSE(all_right(lines));
}

TEST(Seal, SeesEachBitThatChanges) {
  const auto lines = sealed_lines();
  for (std::size_t at = 0; at < lines[1].size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = lines;
      changed[1][at] = static_cast<char>(changed[1][at] ^ (1 << bit));
      EXPECT_FALSE(all_right(changed)) << at << " " << bit;
    }
  }
}

}  // namespace
}  // namespace probebench::wire
