// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text/reproduce_text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

// As they head a column: five of them have to fit beside the workload.
std::string_view short_name(SuiteMechanism mechanism) {
  switch (mechanism) {
    case SuiteMechanism::stepped:
      return "stepped";
    case SuiteMechanism::unoptimized:
      return "int3";
    case SuiteMechanism::optimized:
      return "jump";
    case SuiteMechanism::ftrace:
      return "ftrace";
    case SuiteMechanism::fentry:
      return "fentry";
  }
  return "?";
}

bool has_row(const std::vector<const reproduce::PredictedWorkload*>& workloads, SuiteMechanism mechanism) {
  return std::ranges::any_of(workloads, [&](const reproduce::PredictedWorkload* workload) {
    return std::ranges::any_of(workload->rows, [&](const reproduce::PredictedRow& row) {
      return row.told.mechanism == mechanism && row.told.status != CellStatus::skipped;
    });
  });
}

// Five of them have to fit beside the workload in 80 columns.
std::string slowdown_text(double slowdown) {
  constexpr double kSmall = 1.1;
  constexpr double kLarge = 100;
  return fmt::format("{:.{}f}", slowdown, slowdown < kSmall ? 3 : slowdown < kLarge ? 2 : 0);
}

// "4.71 +1": times as long, and by how many percent of the overhead the prediction is off.
std::string row_text(const reproduce::PredictedWorkload& workload, SuiteMechanism mechanism) {
  const auto row = std::ranges::find(workload.rows, mechanism,
                                     [](const reproduce::PredictedRow& one) { return one.told.mechanism; });
  if (row == workload.rows.end()) return "-";
  if (!row->slowdown) return std::string(name_of(row->told.status));
  if (!row->residual_percent) return slowdown_text(*row->slowdown);
  return fmt::format("{} {:+.0f}", slowdown_text(*row->slowdown), *row->residual_percent);
}

std::string hits_text(const reproduce::PredictedWorkload& workload) {
  double most = 0;
  for (const auto& row : workload.rows) most = std::max(most, row.hits_per_op);
  return fmt::format("{:.{}f}", most, most < 100 ? 1 : 0);
}

std::string table_of(const std::vector<const reproduce::PredictedWorkload*>& workloads) {
  std::vector<Column> columns{
      {"workload", Align::left, {}}, {"base/op", Align::right, {}}, {"hits/op", Align::right, {}}};
  for (const auto* workload : workloads) {
    columns[0].cells.emplace_back(info_of(workload->told.id).name);
    columns[1].cells.push_back(fmt::format("{:.0f}", workload->base_per_op));
    columns[2].cells.push_back(hits_text(*workload));
  }
  for (const auto& info : kSuiteMechanisms) {
    if (!has_row(workloads, info.id)) continue;
    Column column{std::string(short_name(info.id)), Align::right, {}};
    for (const auto* workload : workloads) column.cells.push_back(row_text(*workload, info.id));
    columns.push_back(std::move(column));
  }
  return layout(columns);
}

// Why a workload or a mechanism of it has no figure; the same text once.
std::string reasons_of(const std::vector<const reproduce::PredictedWorkload*>& workloads) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view what, const std::string& reason) {
    if (reason.empty()) return;
    auto line = wrapped(fmt::format("{}: ", what), reason, 2);
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  };
  for (const auto* workload : workloads) {
    const auto name = info_of(workload->told.id).name;
    add(name, workload->told.reason);
    for (const auto& row : workload->rows) {
      const auto mechanism = info_of(row.told.mechanism).name;
      const bool skipped = row.told.status == CellStatus::skipped;
      add(skipped ? std::string(mechanism) : fmt::format("{} under {}", name, mechanism), row.told.reason);
      if (row.told.status != CellStatus::measured) continue;
      // A cost that is missing is missing for every workload.
      add(row.predicted_slowdown ? fmt::format("{} under {}", name, mechanism) : std::string(mechanism),
          row.note);
    }
  }
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

std::string refusals_text(const char* what, const std::vector<Refusal>& refusals) {
  std::string list;
  for (const auto& one : refusals)
    list += fmt::format("{}{} {}", list.empty() ? "" : "; ", one.count, one.reason);
  return list.empty() ? "" : wrapped(what, list, 2);
}

// How many predictions are within the limit, among overheads that can be told from zero.
std::string score_of(const std::vector<const reproduce::PredictedWorkload*>& workloads) {
  std::string text;
  for (const auto& info : kSuiteMechanisms) {
    int near = 0;
    int all = 0;
    for (const auto* workload : workloads) {
      for (const auto& row : workload->rows) {
        if (row.told.mechanism != info.id || !row.residual_percent) continue;
        ++all;
        if (std::abs(*row.residual_percent) <= reproduce::kPredictionPercent) ++near;
      }
    }
    if (all > 0)
      text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", short_name(info.id), near, all);
  }
  return text.empty() ? "" : wrapped("overhead predicted within 10 %: ", text, 2);
}

std::string suite_text(const Suite& suite, const std::vector<reproduce::PredictedWorkload>& all) {
  std::vector<const reproduce::PredictedWorkload*> workloads;
  for (const auto& workload : all) {
    if (workload.told.suite == suite.name) workloads.push_back(&workload);
  }
  if (workloads.empty()) return {};
  auto text = "\n" + wrapped(fmt::format("suite {}: ", suite.name),
                             fmt::format("{} functions, handler {}; {} probed past the entry, {} as jumps",
                                         suite.functions, name_of(workloads.front()->told.handler),
                                         suite.probed, suite.optimizable),
                             2);
  text +=
      wrapped("", "times as long as with nothing armed; percent by which the predicted overhead is off", 0);
  text += table_of(workloads) + score_of(workloads);
  text += refusals_text("no jump: ", suite.not_optimizable);
  text += refusals_text("not probed: ", suite.refusals);
  return text + reasons_of(workloads);
}

}  // namespace

std::string workloads_text(const std::vector<reproduce::PredictedWorkload>& workloads,
                           const std::vector<Suite>& suites) {
  std::string text;
  for (const auto& suite : suites) text += suite_text(suite, workloads);
  return text;
}

}  // namespace probebench::text
