// SPDX-License-Identifier: MIT
#include "text/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

#include "model/noise_advice.h"

namespace probebench::text {
namespace {

// Columns on a terminal: the text holds no wide characters, but a few of more than one byte ("±").
std::size_t display_width(std::string_view text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues));
}

std::string padded(std::string_view text, std::size_t width, Align align) {
  const std::string blanks(width - display_width(text), ' ');
  return align == Align::left ? fmt::format("{}{}", text, blanks) : fmt::format("{}{}", blanks, text);
}

std::string line_of(const std::vector<std::string>& cells, std::string_view separator) {
  std::string line;
  for (const auto& cell : cells) {
    if (!line.empty()) line += separator;
    line += cell;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// A line that begins within a text would be taken for one of ours.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

constexpr Unit kEmulated{&Summary::ns_per_hit, "emulated ns/hit",
                         "emulated time, for tests only: says nothing about real hardware",
                         info_of(ClockKind::emulated_time).meaning};

bool has_figure(const CellRecord& row, Leads leads) {
  return std::ranges::any_of(kMetrics, [&](const MetricInfo& metric) {
    return metric.leads == leads && (row.summary.*metric.member).has_value();
  });
}

// Those that have no figure at all, because every round was disturbed, decide on no unit.
bool all_have(const std::vector<const CellRecord*>& rows, const MetricInfo& metric) {
  return std::ranges::all_of(rows, [&](const CellRecord* row) {
    return !has_figure(*row, metric.leads) || (row->summary.*metric.member).has_value();
  });
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)" -> "7.2.22"
std::string version_number(const std::string& text) {
  constexpr std::string_view kBefore = "version ";
  const auto at = text.find(kBefore);
  const auto rest = at == std::string::npos ? text : text.substr(at + kBefore.size());
  return rest.substr(0, rest.find(' '));
}

}  // namespace

std::string wrapped(std::string_view first, std::string_view whole, std::size_t indent) {
  const auto line = on_one_line(std::string(whole));
  std::string_view text(line);
  std::string result(first);
  std::size_t column = display_width(first);
  bool line_is_empty = true;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!line_is_empty && column + 1 + display_width(word) > kTerminalWidth) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!line_is_empty) {
      result += ' ';
      ++column;
    }
    result += word;
    column += display_width(word);
    line_is_empty = false;
  }
  return result + "\n";
}

std::size_t width_of(const Column& column) {
  std::size_t width = display_width(column.header);
  for (const auto& cell : column.cells) width = std::max(width, display_width(cell));
  return width;
}

void add_row(std::vector<Column>& columns, std::vector<std::string> cells) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].cells.push_back(on_one_line(std::move(cells[i])));
  }
}

std::string layout(const std::vector<Column>& columns) {
  std::vector<std::size_t> widths;
  for (const auto& column : columns) widths.push_back(width_of(column));
  const std::size_t total = std::accumulate(widths.begin(), widths.end(), 2 * (columns.size() - 1));
  const std::string_view separator = total <= kTerminalWidth ? "  " : " ";
  std::string text;
  for (std::size_t row = 0; row <= columns.front().cells.size(); ++row) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& cell = row == 0 ? columns[i].header : columns[i].cells[row - 1];
      cells.push_back(padded(cell, widths[i], columns[i].align));
    }
    text += line_of(cells, separator);
  }
  return text;
}

bool was_measured(const CellRecord* row) {
  return row->result.status == CellStatus::measured;
}

Unit unit_for(const TargetInfo& target, const std::vector<const CellRecord*>& rows) {
  if (target.clock == ClockKind::emulated_time) return kEmulated;
  const auto leads = counts_instructions(target.clock) ? Leads::counted : Leads::timed;
  const auto has = [leads](const CellRecord* row) { return has_figure(*row, leads); };
  if (std::ranges::none_of(rows, has)) {
    return {kMetrics.front().member, "per hit", "nothing was measured", {}};
  }
  const MetricInfo* chosen = nullptr;
  for (const auto& metric : kMetrics) {
    if (metric.leads != leads) continue;
    chosen = &metric;
    if (all_have(rows, metric)) break;
  }
  return {chosen->member, chosen->unit, chosen->meaning, {}};
}

const Metric* figure_of(const CellRecord& row, const Unit& unit) {
  const auto& metric = row.summary.*unit.metric;
  return metric && !is_too_noisy(*metric) ? &*metric : nullptr;
}

std::string interval_text(const Metric& metric) {
  const double half = std::max(metric.high - metric.value, metric.value - metric.low);
  if (half >= 10) return fmt::format("{:.0f} ±{:.0f}", metric.value, half);
  return fmt::format("{:.1f} ±{:.1f}", metric.value, half);
}

std::string why_no_figure(const CellRecord& row, const Unit& unit) {
  const auto& metric = row.summary.*unit.metric;
  if (!metric) return row.summary.no_metric_reason;
  return fmt::format("too noisy: {}; {}", interval_text(*metric), see(NoiseAdvice::too_noisy));
}

std::string machine_and_unit(const TargetInfo& target, const Unit& unit) {
  if (target.kind == "native") {
    return fmt::format("native, {}, Linux {}: {}", target.fact("cpu.model", "CPU ?"),
                       target.fact("kernel.release", "?"), unit.meaning);
  }
  return fmt::format("{}, QEMU {} {}, Linux {}: {}", target.kind,
                     version_number(target.fact("qemu.version", "?")), upper(target.accel),
                     target.fact("kernel.release", "?"), unit.meaning);
}

std::string foreign_work(const TargetInfo& target) {
  const auto tracer = target.fact("tracer", "nop");
  const auto kprobes = target.fact("kprobes.foreign", "0");
  std::vector<std::string> parts;
  if (tracer != "nop") {
    parts.push_back(fmt::format("the tracer {} was on, and every traced function on a path cost more; {}",
                                tracer, see_heading("tracer")));
  }
  if (kprobes != "0") {
    parts.push_back(
        fmt::format("kprobes of others were attached ({}); {}", kprobes, see_heading("foreign-kprobes")));
  }
  return fmt::format("{}", fmt::join(parts, ". "));
}

void CellNames::add(const Cell& cell, bool shown) {
  sites_[cell.probe_type].insert(cell.site);
  if (!shown) return;
  handlers_.insert(cell.handler_choice());
  threads_.insert(cell.threads);
}

std::string CellNames::probe(const Cell& cell) const {
  const auto type = info_of(cell.probe_type).name;
  if (sites_.at(cell.probe_type).size() < 2) return std::string(type);
  return fmt::format("{}/{}", type, info_of(cell.site).name);
}

std::string CellNames::conditions(const Cell& cell) const {
  std::vector<std::string> parts;
  if (handlers_.size() > 1) parts.push_back(name_of(cell.handler_choice()));
  if (threads_.size() > 1) parts.push_back(fmt::format("threads:{}", cell.threads));
  return fmt::format("{}", fmt::join(parts, "/"));
}

std::string CellNames::full(const Cell& cell) const {
  const auto what = conditions(cell);
  return what.empty() ? probe(cell) : probe(cell) + "/" + what;
}

std::string reason_of(const CellResult& result) {
  if (result.provided_by.empty()) return result.reason;
  return fmt::format("{} (needs {})", result.reason, result.provided_by);
}

}  // namespace probebench::text
