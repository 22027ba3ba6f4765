// SPDX-License-Identifier: MIT
#include "text/prediction_text.h"

#include <fmt/format.h>

#include "base/number_text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

// Hits are exact: all their digits, as long as they fit.
std::string figure_text(double value) {
  return short_number(value, 10e6);
}

std::string span_text(const std::optional<reproduce::Span>& span) {
  if (!span) return "-";
  if (span->low == span->high) return figure_text(span->value);
  return fmt::format("{} ({}..{})", figure_text(span->value), figure_text(span->low),
                     figure_text(span->high));
}

std::string table_of(const reproduce::CommandPrediction& prediction) {
  std::vector<Column> columns{{"probe", Align::left, {}},    {"place", Align::left, {}},
                              {"by", Align::left, {}},       {"hits", Align::right, {}},
                              {"per hit", Align::right, {}}, {"overhead", Align::right, {}}};
  for (const auto& site : prediction.sites) {
    const auto& told = site.told;
    add_row(columns, {std::string(info_of(told.site.probe_type).name), told.site.place,
                      told.counted_by.empty() ? "-" : told.counted_by, span_text(site.hits),
                      span_text(site.cost), span_text(site.per_run)});
  }
  return layout(columns);
}

std::string reasons_of(const reproduce::CommandPrediction& prediction) {
  std::string text;
  for (const auto& site : prediction.sites) {
    if (site.reason.empty()) continue;
    text += wrapped(fmt::format("{}: ", site.told.site.place), site.reason, 2);
  }
  return text;
}

std::string answer_of(const reproduce::CommandPrediction& prediction) {
  if (!prediction.overhead_percent) return "no answer: a figure is missing\n";
  const auto& percent = *prediction.overhead_percent;
  return wrapped("",
                 fmt::format("A run of the command takes {}, and would take {:.2f} % more with these probes "
                             "armed ({:.2f} to {:.2f} %).",
                             span_text(prediction.base), percent.value, percent.low, percent.high),
                 0);
}

}  // namespace

std::string prediction_text(const TargetInfo& target, const reproduce::CommandPrediction& prediction) {
  if (prediction.told.status != CellStatus::measured) return {};
  if (!target.clock) return {};
  return fmt::format("{}: {}\n", target.id, info_of(*target.clock).meaning) + table_of(prediction) +
         answer_of(prediction) + reasons_of(prediction);
}

}  // namespace probebench::text
