// SPDX-License-Identifier: MIT
// A comparison or a judgement as rows: what every output is made from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gate/judgement.h"

namespace probebench::gate {

// How many instructions more one hit is in a function.
struct FunctionChange {
  std::string function;
  std::int64_t change = 0;
};

struct ReportRow {
  std::string cell;
  std::string base_cell;  // the sides' own names, where they have it: they may differ in the handler
  std::string head_cell;
  std::string metric;  // empty: no figure
  bool lead = true;    // the one figure of the cell that tables show
  bool exact = false;
  bool significant = false;
  std::optional<Metric> base;
  std::optional<Metric> head;
  std::optional<double> absolute;
  std::optional<double> relative;
  std::optional<stats::Interval> relative_range;
  std::string base_status;  // "measured", ...; "absent"
  std::string head_status;
  std::optional<Verdict> verdict;  // comparisons have none
  std::string why;
  std::vector<FunctionChange> functions = {};  // of an exact difference whose paths are known, largest first
};

struct ReportTarget {
  std::string title;
  std::string base_id;  // empty: that side does not have it
  std::string head_id;
  Facts base_facts;  // what the figures are of
  Facts head_facts;
  std::vector<FactDifference> differences;
  bool comparable = false;
  std::optional<Verdict> verdict;
  std::string why;
  std::vector<ReportRow> rows;
};

struct Report {
  std::string base;  // as the user named them
  std::string head;
  std::vector<std::string> command = {};  // what makes such a report; empty: not known
  std::optional<Verdict> verdict;
  std::vector<std::string> notes;  // whole sentences
  std::vector<ReportTarget> targets;
};

Report report_of(std::vector<ComparedTarget> compared);
Report report_of(Judgement judgement);

// The rows that tables show: one a cell.
std::vector<const ReportRow*> lead_rows(const ReportTarget& target);

// "insns/hit": what tables and charts call a metric.
std::string_view unit_of(std::string_view metric);
// "+1.0 %"; "" where there is none.
std::string percent_text(const std::optional<double>& share);
// A side's figure, or why there is none: "103", "skipped".
std::string side_text(const std::optional<Metric>& metric, const std::string& status);
// "+2 (+1.9 %)", of times "+5.1 % (+3.2 % to +7.0 %)".
std::string change_text(const ReportRow& row);
// "103 -> 105 insns/hit, +2 (+1.9 %): mechanism: ..."
std::string row_story(const ReportRow& row);
// What a person reads first in a cell's name: a single thread is the rule, so it is left out.
std::string short_name(const std::string& cell);

}  // namespace probebench::gate
