// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "text/reproduce_text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

std::string interval_text(const stats::Interval& interval, int digits) {
  const auto low = fmt::format("{:.{}f}", interval.low, digits);
  const auto high = fmt::format("{:.{}f}", interval.high, digits);
  return low == high ? low : low + "-" + high;
}

std::string curve_table(const reproduce::TimeCurve& curve) {
  std::vector<Column> columns{{"a trap takes, ns", Align::left, {"int3 is, times"}}};
  for (const auto& point : curve.points) {
    columns.push_back({fmt::format("{:.0f}", point.trap_ns),
                       Align::right,
                       {interval_text(point.ratio, point.trap_ns == 0 ? 1 : 0)}});
  }
  return layout(columns);
}

void add_mark(std::vector<Column>& columns, const reproduce::SourceMark& mark) {
  add_row(columns, {std::string(mark.source), std::string(mark.machine), interval_text(mark.trap_ns, 0),
                    interval_text(mark.ratio, 1)});
}

std::string marks_table(const reproduce::TimeCurve& curve) {
  std::vector<Column> columns{{"by", Align::left, {}},
                              {"on", Align::left, {}},
                              {"a trap, ns", Align::right, {}},
                              {"int3 is, times", Align::right, {}}};
  for (const auto& mark : curve.marks) add_mark(columns, mark);
  if (curve.measured) add_mark(columns, *curve.measured);
  if (curve.fit) {
    add_row(columns, {"this run, fitted", "this machine", fmt::format("{:.0f}", curve.fit->constants.trap_ns),
                      fmt::format("{:.1f}", *curve.fitted_ratio)});
  }
  return layout(columns);
}

std::string trap_span_text(const reproduce::Span& span) {
  if (span.low == span.high) return fmt::format("{:.0f}", span.value);
  return fmt::format("{:.0f} ({:.0f}..{:.0f})", span.value, span.low, span.high);
}

}  // namespace

std::string traps_text(const reproduce::Reproduction& target) {
  std::vector<Column> columns{{"a trap of a process", Align::left, {}},
                              {std::string(target.clock_unit()), Align::right, {}},
                              {"without the signal", Align::right, {}},
                              {"traps", Align::right, {}}};
  std::string reasons;
  for (const auto& trap : target.traps) {
    const auto& told = trap.told;
    if (told.status != CellStatus::measured) {
      reasons += wrapped(
          "", fmt::format("{} {}: {}", name_of(told.status), info_of(told.kind).name, told.reason), 2);
      continue;
    }
    add_row(columns,
            {std::string(info_of(told.kind).summary), trap_span_text(trap.whole),
             trap.less_signal ? trap_span_text(*trap.less_signal) : "-", std::to_string(told.hits.counted)});
  }
  if (columns[0].cells.empty()) return reasons;
  return "\n" + layout(columns) + reasons;
}

std::string time_text(const std::optional<reproduce::TimeCurve>& curve) {
  if (!curve) return {};
  auto text =
      "\n" + wrapped("",
                     fmt::format("int3 against jump in time, modelled: ({:.0f} instructions + {} trap{}) / "
                                 "{:.0f} instructions; {} times by all sources",
                                 curve->int3, curve->exceptions, curve->exceptions == 1 ? "" : "s",
                                 curve->jump, interval_text(curve->ratio, 0)),
                     2);
  if (curve->borrowed) {
    text += wrapped(
        "", "The instructions are 6.12's, for none were counted here; the trap is this machine's.", 0);
  }
  text += curve_table(*curve) + marks_table(*curve);
  if (curve->fit) {
    text += wrapped(
        "",
        fmt::format("Fitted on {} hits of this run: {:.2f} ns for an instruction, {:.0f} ns for a trap; "
                    "a hit is off by {:.0f} % at most by the constants of the others.",
                    curve->fit->hits, curve->fit->constants.instruction_ns, curve->fit->constants.trap_ns,
                    curve->fit->leave_one_out_percent),
        0);
  }
  return text;
}

}  // namespace probebench::text
