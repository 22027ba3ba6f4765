// SPDX-License-Identifier: MIT
#include "text/progress_bar.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"

namespace probebench::text {
namespace {

using std::chrono::milliseconds;

TEST(RenderBar, BeginsWithoutAGuessOfTheTimeLeft) {
  const BarState state{.done = 0, .total = 4, .label = "ftrace", .elapsed = milliseconds(900)};
  EXPECT_EQ(render_bar(state, 80), "[--------------------] 0/4 ftrace");
}

TEST(RenderBar, HalfWayAsMuchTimeIsLeftAsHasPassed) {
  const BarState state{.done = 2, .total = 4, .label = "ftrace", .elapsed = milliseconds(3000)};
  EXPECT_EQ(render_bar(state, 80), "[##########----------] 2/4 ftrace, 3 s left");
}

TEST(RenderBar, NeverWiderThanTheTerminal) {
  const BarState state{.done = 1, .total = 4, .label = std::string(200, 'x'), .elapsed = milliseconds(1)};
  EXPECT_EQ(render_bar(state, 40).size(), 40u);
}

TEST(RenderBar, MoreDoneThanPlannedAndNothingPlanned) {
  const BarState over{.done = 5, .total = 4, .label = "x", .elapsed = milliseconds(1000)};
  EXPECT_EQ(render_bar(over, 80), "[####################] 5/4 x, 0 s left");
  const BarState none{.done = 0, .total = 0, .label = "x", .elapsed = {}};
  EXPECT_EQ(render_bar(none, 80), "[--------------------] 0/0 x");
}

template <typename Tell>
std::string shown_by(ConsoleProgress::Style style, Tell tell) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  {
    ConsoleProgress progress(write_end.get(), style);
    tell(progress);
  }
  write_end.reset();
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(read_end.get(), buffer.data(), buffer.size());
  return std::string(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
}

std::string shown_by(ConsoleProgress::Style style) {
  return shown_by(style, [](ConsoleProgress& progress) {
    progress.step("booting");
    progress.plan(1);
    progress.cell_begin("ftrace");
    progress.cell_end();
    progress.note("note");
  });
}

TEST(ConsoleProgress, WhatATargetSaysIsNoOrderToTheTerminal) {
  const auto tell = [](ConsoleProgress& progress) {
    progress.plan(1);
    progress.cell_begin("evil\x1b[31m\x1b]0;t\x07\n::error::x");
    progress.note("::error::\x1b[2J");
  };
  EXPECT_EQ(shown_by(ConsoleProgress::Style::lines, tell),
            "[1/1] evil\\x1b[31m\\x1b]0;t\\x07 ::error::x\n\\u003a:error::\\x1b[2J\n");
}

TEST(ConsoleProgress, OneLinePerStepWhenNotOnATerminal) {
  EXPECT_EQ(shown_by(ConsoleProgress::Style::lines), "booting\n[1/1] ftrace\nnote\n");
}

TEST(ConsoleProgress, QuietIsSilent) {
  EXPECT_EQ(shown_by(ConsoleProgress::Style::quiet), "");
}

TEST(ConsoleProgress, ATerminalLineIsErasedBeforeALineThatStays) {
  EXPECT_EQ(shown_by(ConsoleProgress::Style::terminal),
            "\r\033[Kbooting\r\033[K[--------------------] 0/1 ftrace\r\033[Knote\n");
}

}  // namespace
}  // namespace probebench::text
