// SPDX-License-Identifier: MIT
#include "gate/report.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/text.h"

namespace probebench::gate {
namespace {

std::string status_of(const std::optional<SideCell>& cell) {
  return cell ? std::string(name_of(cell->status)) : "absent";
}

ReportRow empty_row(const ComparedCell& compared) {
  ReportRow row;
  row.cell = compared.cells.name;
  row.base_cell = compared.cells.base ? compared.cells.base->name : "";
  row.head_cell = compared.cells.head ? compared.cells.head->name : "";
  row.base_status = status_of(compared.cells.base);
  row.head_status = status_of(compared.cells.head);
  return row;
}

ReportRow row_of(const ComparedCell& compared, const Change& change) {
  auto row = empty_row(compared);
  row.metric = change.metric;
  row.exact = change.exact();
  row.significant = change.significant();
  row.base = change.base;
  row.head = change.head;
  row.absolute = change.absolute;
  row.relative = change.relative;
  row.relative_range = change.relative_range;
  return row;
}

// Of a cell that only one side measured: the figure it has.
void take_one_side(ReportRow& row, const ComparedCell& compared) {
  const auto& [name, base, head] = compared.cells;
  if (base && !base->figures.empty()) {
    row.metric = base->figures.front().metric;
    row.base = base->figures.front().value;
    row.exact = row.base->metric_class == MetricClass::exact;
  } else if (head && !head->figures.empty()) {
    row.metric = head->figures.front().metric;
    row.head = head->figures.front().value;
    row.exact = row.head->metric_class == MetricClass::exact;
  }
}

std::string why_absent(const CellPair& cells) {
  for (const auto* cell : {&cells.head, &cells.base}) {
    if (*cell && (*cell)->status != CellStatus::measured) {
      return fmt::format("{}: {}", name_of((*cell)->status), (*cell)->reason);
    }
  }
  return {};
}

std::vector<ReportRow> rows_of(const ComparedCell& compared) {
  std::vector<ReportRow> rows;
  for (const auto& change : compared.changes) {
    rows.push_back(row_of(compared, change));
    rows.back().lead = rows.size() == 1;
  }
  if (!rows.empty()) return rows;
  rows.push_back(empty_row(compared));
  take_one_side(rows.back(), compared);
  rows.back().why = why_absent(compared.cells);
  return rows;
}

Facts facts_of(const std::optional<SideTarget>& target) {
  if (!target) return {};
  auto facts = target->identity;
  facts.insert(target->others.begin(), target->others.end());
  return facts;
}

ReportTarget head_of(const TargetPair& targets) {
  return {.title = targets.title(),
          .base_id = targets.base ? targets.base->id : "",
          .head_id = targets.head ? targets.head->id : "",
          .base_facts = facts_of(targets.base),
          .head_facts = facts_of(targets.head),
          .differences = targets.differences,
          .comparable = targets.comparable,
          .verdict = {},
          .why = {},
          .rows = {}};
}

void take_opinion(ReportRow& row, const JudgedCell& judged) {
  if (!row.lead || !judged.paired || judged.paired->pairs < kLeastPairs) return;
  row.base->value = judged.paired->base;
  row.head->value = judged.paired->head;
  row.absolute = judged.paired->head - judged.paired->base;
  row.relative = judged.paired->change;
  row.relative_range = {judged.paired->low, judged.paired->high};
  row.significant = judged.paired->low > 0 || judged.paired->high < 0;
}

void add_rows(ReportTarget& target, const JudgedCell& judged) {
  for (auto& row : rows_of(judged.cell)) {
    row.verdict = judged.verdict;
    row.why = judged.why;
    if (!judged.accepted.empty()) row.why += " (accepted: " + judged.accepted + ")";
    take_opinion(row, judged);
    target.rows.push_back(std::move(row));
  }
}

// Once each, however many cells it is about.
void add_advice(Report& report, const Judgement& judgement) {
  std::set<NoiseAdvice> advice;
  for (const auto& target : judgement.targets) {
    for (const auto& cell : target.cells) {
      if (cell.advice) advice.insert(*cell.advice);
    }
  }
  for (const auto one : advice) {
    const auto name = kNoiseAdvice[static_cast<std::size_t>(one)].heading;
    report.notes.push_back(fmt::format("{}: {}", name, see(one)));
  }
}

}  // namespace

// A cell goes when its rows are there: of a hundred thousand of them there is no second copy.
Report report_of(std::vector<ComparedTarget> compared) {
  Report report;
  for (auto& one : compared) {
    auto target = head_of(one.targets);
    target.rows.reserve(one.cells.size());
    for (auto& cell : one.cells) {
      for (auto& row : rows_of(std::exchange(cell, {}))) target.rows.push_back(std::move(row));
    }
    report.targets.push_back(std::move(target));
  }
  return report;
}

Report report_of(Judgement judgement) {
  Report report;
  report.verdict = judgement.verdict;
  if (!judgement.unfit.empty()) report.notes.push_back("This machine is unfit now: " + judgement.unfit + ".");
  add_advice(report, judgement);
  for (auto& one : judgement.targets) {
    auto target = head_of(one.targets);
    target.rows.reserve(one.cells.size());
    target.verdict = one.verdict;
    target.why = one.why;
    for (auto& cell : one.cells) add_rows(target, std::exchange(cell, {}));
    report.targets.push_back(std::move(target));
  }
  return report;
}

std::vector<const ReportRow*> lead_rows(const ReportTarget& target) {
  std::vector<const ReportRow*> rows;
  for (const auto& row : target.rows) {
    if (row.lead) rows.push_back(&row);
  }
  return rows;
}

std::string_view unit_of(std::string_view metric) {
  const auto* info = find_metric(metric);
  return info == nullptr ? metric : info->unit;
}

std::string percent_text(const std::optional<double>& share) {
  return share ? signed_percent(*share) : "";
}

std::string side_text(const std::optional<Metric>& metric, const std::string& status) {
  return metric ? number_text(metric->value) : status;
}

std::string change_text(const ReportRow& row) {
  if (!row.absolute) return "";
  if (*row.absolute == 0) return "=";
  const auto percent = percent_text(row.relative);
  if (!row.relative_range) return fmt::format("{} ({})", signed_number(*row.absolute), percent);
  return fmt::format("{} ({} to {})", percent, percent_text(row.relative_range->low),
                     percent_text(row.relative_range->high));
}

std::string row_story(const ReportRow& row) {
  auto text = fmt::format("{} -> {} {}", side_text(row.base, row.base_status),
                          side_text(row.head, row.head_status), unit_of(row.metric));
  if (const auto change = change_text(row); !change.empty()) text += ", " + change;
  return row.why.empty() ? text : text + ": " + row.why;
}

std::string short_name(const std::string& cell) {
  constexpr std::string_view kOneThread = "/threads:1";
  return cell.ends_with(kOneThread) ? cell.substr(0, cell.size() - kOneThread.size()) : cell;
}

}  // namespace probebench::gate
