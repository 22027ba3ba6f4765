// SPDX-License-Identifier: MIT
// The block for a commit message, and that for a cover letter.
#include "gate/export_patch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "gate_fixture.h"

namespace probebench::gate {
namespace {

ReportRow row(const std::string& cell, double base, double head) {
  ReportRow row;
  row.cell = row.base_cell = row.head_cell = cell;
  row.metric = "instructions_per_hit";
  row.base_status = row.head_status = "measured";
  row.exact = true;
  row.base = exact_metric(base);
  row.head = exact_metric(head);
  row.absolute = head - base;
  row.relative = (head - base) / base;
  if (head != base) row.functions = {{"get_kprobe", static_cast<std::int64_t>(head - base)}};
  return row;
}

Report trees(std::vector<ReportRow> rows) {
  ReportTarget target;
  target.title = "vm-tcg-6.12.117";
  target.base_facts = target.head_facts = {{"kernel.release", "6.12.117"},
                                           {"compiler.version", "gcc-12 (Debian 12.2.0-14) 12.2.0"},
                                           {"kernel.preemption", "PREEMPT_NONE"}};
  target.rows = std::move(rows);
  return {.base = "kernel A/",
          .head = "kernel B/",
          .command = {"./run-bench", "gate", "--base", "kernel=A/", "--head", "kernel=B/", "--probe-type",
                      "kmod", "--handler", "count"},
          .verdict = Verdict::regression,
          .notes = {},
          .targets = {target}};
}

Report counted() {
  return trees({row("kprobe-optimized/module/mid/count/threads:1", 100, 100),
                row("kprobe-ftrace/module/entry/count/threads:1", 162, 166),
                row("kprobe-stepped/module/mid-step/count/threads:1", 479, 487)});
}

void expect_narrow(const std::string& text) {
  for (const auto line : split(text, '\n')) EXPECT_LE(line.size(), 72U) << line;
}

TEST(ExportPatch, SaysWhatOfWhatAndWhereAndHow) {
  EXPECT_EQ(report_patch(counted()),
            "Instructions per probe hit (exact, QEMU TCG -icount; not time),\n"
            "probebench, x86-64 6.12.117, gcc 12.2.0, PREEMPT_NONE, 3 cells, handler\n"
            "\"count\":\n"
            "\n"
            "                   before    after\n"
            "  kprobe-stepped      479      487     +8  (+1.7%)  get_kprobe +8\n"
            "  kprobe-ftrace       162      166     +4  (+2.5%)  get_kprobe +4\n"
            "  unchanged: 1 (kprobe-optimized)\n"
            "Reproduce: ./run-bench gate --base kernel=A/ --head kernel=B/ \\\n"
            "    --probe-type kmod --handler count\n");
}

TEST(ExportPatch, LongNamesAndManyRowsStayNarrow) {
  std::vector<ReportRow> rows;
  for (int i = 0; i < 40; ++i) {
    rows.push_back(
        row(fmt::format("tracefs-function-graph/module/entry-{}/delay:500/threads:1", i), 1000, 1000 + i));
    if (i > 0) rows.back().functions.front().function = "a_function_with_a_name_of_forty_characters";
  }
  const auto text = report_patch(trees(std::move(rows)));
  expect_narrow(text);
  EXPECT_NE(text.find("1 more +39"), std::string::npos) << text;
  EXPECT_NE(text.find("unchanged: 1\n"), std::string::npos) << text;
}

TEST(ExportPatch, NamesTellHandlersApart) {
  const auto text = report_patch(trees({row("ftrace/module/entry/nop/threads:1", 30, 31),
                                        row("ftrace/module/entry/count/threads:1", 35, 35)}));
  EXPECT_NE(text.find("  ftrace/nop "), std::string::npos) << text;
  EXPECT_NE(text.find("  unchanged: 1\n"), std::string::npos) << text;
}

TEST(ExportPatch, NoChangeIsSaid) {
  const auto text = report_patch(trees({row("ftrace/module/entry/nop/threads:1", 30, 30)}));
  EXPECT_NE(text.find("  nothing changed\n"), std::string::npos) << text;
}

TEST(ExportPatch, WhatOneSideLacksIsNoRow) {
  auto lost = row("ftrace/module/entry/nop/threads:1", 30, 30);
  lost.head.reset();
  lost.absolute.reset();
  EXPECT_EQ(report_patch(trees({lost})).find("ftrace"), std::string::npos);
}

TEST(ExportCover, HasAllRowsTwice) {
  const auto text = report_cover(counted());
  expect_narrow(text);
  const auto with = text.find("\nWith this series:\n");
  ASSERT_NE(with, std::string::npos) << text;
  const auto before = text.substr(text.find("Without this series:\n"), with);
  EXPECT_NE(before.find("  kprobe-ftrace         162\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  kprobe-ftrace         166     +4  (+2.5%)\n", with), std::string::npos) << text;
  EXPECT_NE(text.find("  kprobe-optimized      100\n", with), std::string::npos) << text;
}

}  // namespace
}  // namespace probebench::gate
