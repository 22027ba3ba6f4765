// SPDX-License-Identifier: MIT
#include "remote/lifeline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <optional>

namespace probebench::remote {
namespace {

std::string read_some(int fd, std::size_t bytes) {
  std::string text;
  std::array<char, 256> buffer;
  while (text.size() < bytes) {
    const auto got = ::read(fd, buffer.data(), std::min(buffer.size(), bytes - text.size()));
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

TEST(Lifeline, SendsTheContentThenSigns) {
  auto made = Lifeline::make("content", std::chrono::milliseconds(1));
  ASSERT_TRUE(made);
  EXPECT_EQ(read_some(made->theirs.get(), 9), "content\n\n");
}

TEST(Lifeline, EndsForTheOtherSideToo) {
  auto made = Lifeline::make("x", std::chrono::hours(1));
  ASSERT_TRUE(made);
  std::optional<Lifeline> held(std::move(made->lifeline));
  EXPECT_EQ(read_some(made->theirs.get(), 1), "x");
  held.reset();
  EXPECT_EQ(read_some(made->theirs.get(), 1).find('x'), std::string::npos);
  std::array<char, 1> byte;
  EXPECT_EQ(::read(made->theirs.get(), byte.data(), 1), 0);
}

TEST(Lifeline, EndsWhileNobodyReads) {
  auto made = Lifeline::make(std::string(16 << 20, 'x'), std::chrono::milliseconds(1));
  ASSERT_TRUE(made);  // more than a socket holds
}

}  // namespace
}  // namespace probebench::remote
