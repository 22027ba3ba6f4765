// SPDX-License-Identifier: MIT
#include "text/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden.h"
#include "sample_run.h"
#include "text/cross_table.h"
#include "text/table.h"

namespace probebench::text {
namespace {

using testing::HasSubstr;
using testing::Not;

TargetInfo machine(const std::string& tracer, const std::string& kprobes) {
  TargetInfo info;
  info.environment.facts = {{"tracer", tracer}, {"kprobes.foreign", kprobes}};
  return info;
}

TEST(ForeignWork, IsATracerAndKprobesOfOthers) {
  EXPECT_EQ(foreign_work({}), "") << "unknown is no finding";
  EXPECT_EQ(foreign_work(machine("nop", "0")), "");
  EXPECT_EQ(foreign_work(machine("function", "0")),
            "the tracer function was on, and every traced function on a path cost more; "
            "see docs/reducing-noise.md#tracer");
  EXPECT_EQ(foreign_work(machine("nop", "3")),
            "kprobes of others were attached (3); see docs/reducing-noise.md#foreign-kprobes");
  EXPECT_THAT(foreign_work(machine("blk", "1")), HasSubstr("#tracer. kprobes of others"));
}

// Wrapped text as one line.
std::string unwrapped(std::string text) {
  for (auto at = text.find("\n  "); at != text.npos; at = text.find("\n  ")) text.replace(at, 3, " ");
  return text;
}

TEST(ForeignWork, StandsInEveryTable) {
  auto run = results::sample_run();
  for (const auto& quiet : {table(run), cross_table(run)}) EXPECT_THAT(quiet, Not(HasSubstr("warning: ")));
  run.targets.front().info.environment.facts["tracer"] = "function_graph";
  const auto single = table(run);
  EXPECT_THAT(unwrapped(single), HasSubstr("\nwarning: the tracer function_graph was on, and every traced "));
  expect_fits(single);
  const auto several = cross_table(run);
  EXPECT_THAT(unwrapped(several), HasSubstr(": the tracer function_graph was on, and every traced "));
  expect_fits(several);
}

TEST(FailedCells, AreNamedWhereNoTableIs) {
  RunRecord run;
  for (const auto type : {ProbeType::kprobe_stepped, ProbeType::ftrace, ProbeType::fentry}) {
    run.cells.emplace_back().result.cell = cells_of(type, Handler::nop).front();
    run.cells.back().result.status = CellStatus::measured;
  }
  EXPECT_EQ(failed_cells(run), "");
  run.cells[0].result.status = CellStatus::invalid;
  run.cells[0].result.reason = "armed: 20 calls made 264 hits";
  run.cells[1].result.status = CellStatus::skipped;
  EXPECT_EQ(failed_cells(run),
            run.cells[0].result.cell.name() + " is invalid: armed: 20 calls made 264 hits\n");
}

}  // namespace
}  // namespace probebench::text
