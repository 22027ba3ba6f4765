// SPDX-License-Identifier: MIT
#include "text/run_formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "base/escape.h"
#include "base/text.h"
#include "stats/summarise.h"
#include "text/text.h"

namespace probebench::text {
namespace {

std::string whole_bytes(const Bytes& bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, " "));
}

// What is the same in each line of a cell, in front of its metric and behind it.
struct CsvCell {
  std::string front;
  std::string behind;
};

CsvCell csv_cell(const CellRecord& row) {
  const auto& result = row.result;
  const auto hits = stats::tally_hits(result.rounds);
  return {
      fmt::format("{},{},{},{},{}", escaped_for_csv(row.target), escaped_for_csv(result.cell.name()),
                  name_of(result.status), name_of(result.evidence.state), whole_bytes(result.evidence.armed)),
      fmt::format("{},{},{}", hits.counted, hits.missed, escaped_for_csv(reason_of(result)))};
}

std::string csv_metric(const MetricInfo& info, const Metric& metric) {
  return fmt::format("{},{},{},{},{},{}", info.name, name_of(metric.metric_class), metric.value, metric.low,
                     metric.high, metric.n);
}

std::string csv_lines(const CellRecord& row) {
  const auto [front, behind] = csv_cell(row);
  std::string lines;
  for (const auto& info : kMetrics) {
    const auto& metric = row.summary.*info.member;
    if (metric) lines += fmt::format("{},{},{}\n", front, csv_metric(info, *metric), behind);
  }
  return lines.empty() ? fmt::format("{},,,,,,,{}\n", front, behind) : lines;
}

std::string markdown_row(const CellRecord& row, const CellNames& names, const Unit& unit) {
  const auto* metric = figure_of(row, unit);
  const bool exact = metric != nullptr && metric->metric_class == MetricClass::exact;
  const auto figure = metric == nullptr ? std::string(name_of(row.result.status))
                      : exact           ? number_text(metric->value)
                                        : interval_text(*metric);
  const auto hits = stats::tally_hits(row.result.rounds);
  return fmt::format("| {} | {} | `{}` | {} | {} | {} |\n", escaped_for_markdown(names.full(row.result.cell)),
                     name_of(row.result.evidence.state), whole_bytes(row.result.evidence.armed), figure,
                     hits.counted, hits.missed);
}

std::string markdown_of(const TargetRecord& target, const std::vector<const CellRecord*>& rows) {
  CellNames names;
  for (const auto* row : rows) names.add(row->result.cell);
  const auto unit = unit_for(target.info, rows);
  auto text = fmt::format(
      "### {}\n\n| probe type | state | bytes | {} | hits | missed |\n|---|---|---|---:|---:|---:|\n",
      escaped_for_markdown(target.info.id), unit.header);
  std::string without;
  for (const auto* row : rows) {
    if (row->result.status != CellStatus::skipped) text += markdown_row(*row, names, unit);
    if (row->result.status == CellStatus::measured) continue;
    without += fmt::format("* {} {}: {}\n", name_of(row->result.status),
                           escaped_for_markdown(names.full(row->result.cell)),
                           escaped_for_markdown(reason_of(row->result)));
  }
  if (!without.empty()) text += "\n" + without;
  if (const auto foreign = foreign_work(target.info); !foreign.empty()) {
    text += fmt::format("\nWarning: {}\n", escaped_for_markdown(foreign));
  }
  if (!target.ended.empty()) text += fmt::format("\nEnded early: {}\n", escaped_for_markdown(target.ended));
  return text + fmt::format("\n{}\n", escaped_for_markdown(machine_and_unit(target.info, unit)));
}

}  // namespace

std::string run_csv(const RunRecord& record) {
  std::string text = "target,cell,status,state,bytes,metric,class,value,low,high,rounds,hits,missed,reason\n";
  for (const auto& row : record.cells) text += csv_lines(row);
  return text;
}

std::string run_markdown(const RunRecord& record) {
  std::string text;
  for (const auto& target : record.targets) {
    std::vector<const CellRecord*> rows;
    for (const auto& row : record.cells) {
      if (row.target == target.info.id) rows.push_back(&row);
    }
    text += (text.empty() ? "" : "\n") + markdown_of(target, rows);
  }
  return text;
}

}  // namespace probebench::text
