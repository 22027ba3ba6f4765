// SPDX-License-Identifier: MIT
#include "gate/export_patch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/escape.h"
#include "base/text.h"
#include "model/environment.h"
#include "model/probe_type.h"

namespace probebench::gate {
namespace {

constexpr std::size_t kMailWidth = 72;
constexpr std::size_t kMostTypes = 8;
constexpr std::size_t kMostRows = 12;  // that are shown each; of the others, how many changed by how much

using Rows = std::vector<const ReportRow*>;

// Words in lines of a mail; `end` goes behind each line but the last.
std::string folded(std::string_view first, const std::vector<std::string>& words, std::size_t indent,
                   std::string_view end = {}) {
  std::string text(first);
  std::size_t column = first.size();
  bool fresh = true;
  for (const auto& word : words) {
    if (!fresh && column + 1 + word.size() + end.size() > kMailWidth) {
      text += fmt::format("{}\n{}", end, std::string(indent, ' '));
      column = indent;
      fresh = true;
    }
    text += (fresh ? "" : " ") + word;
    column += word.size() + (fresh ? 0 : 1);
    fresh = false;
  }
  return text + "\n";
}

std::vector<std::string> words_of(std::string_view sentence) {
  std::vector<std::string> words;
  for (const auto word : split(sentence, ' ')) words.emplace_back(word);
  return words;
}

// "kprobe-stepped", with as much of the rest of its name as tells the rows apart.
class ShortNames {
 public:
  explicit ShortNames(const Rows& rows) {
    while (kept_ + 1 < kForms.size() && !tells_apart(rows)) ++kept_;
  }
  std::string of(const ReportRow& row) const {
    const auto parts = split(row.cell, '/');
    std::vector<std::string> kept;
    for (const auto part : kForms[kept_]) {
      const auto at = static_cast<std::size_t>(part - '0');
      if (at < parts.size()) kept.push_back(escaped_for_line(parts[at]));
    }
    return kept.empty() ? escaped_for_line(row.cell) : fmt::format("{}", fmt::join(kept, "/"));
  }

 private:
  // Which parts of TYPE/DRIVER/SITE/HANDLER/THREADS
  static constexpr std::array<std::string_view, 6> kForms{"0", "02", "03", "023", "0123", "01234"};

  bool tells_apart(const Rows& rows) const {
    std::set<std::string> names;
    return std::ranges::all_of(rows, [&](const auto* row) { return names.insert(of(*row)).second; });
  }

  std::size_t kept_ = 0;
};

std::size_t place_of(const ReportRow& row) {
  const auto type = probe_type_from_name(split(row.cell, '/').front());
  return type ? static_cast<std::size_t>(*type) : kProbeTypes.size();
}

// Those with a figure on both sides, as the table of probe types has them.
Rows measured_rows(const ReportTarget& target) {
  Rows rows;
  for (const auto* row : lead_rows(target)) {
    if (row->base && row->head && row->absolute) rows.push_back(row);
  }
  std::ranges::stable_sort(rows, {}, [](const auto* row) { return place_of(*row); });
  return rows;
}

bool is_changed(const ReportRow& row) {
  return row.exact ? *row.absolute != 0 : row.significant;
}

Rows changed_of(const Rows& rows) {
  Rows changed;
  std::ranges::copy_if(rows, std::back_inserter(changed), [](const auto* row) { return is_changed(*row); });
  return changed;
}

std::string fact_of(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? std::string() : escaped_for_line(found->second);
}

// "gcc 12.2.0" of "gcc-12 (Debian 12.2.0-14) 12.2.0".
std::string compiler_of(const ReportTarget& target) {
  const auto version = fact_of(target.head_facts, "compiler.version");
  if (version.empty()) return {};
  return fmt::format("{} {}", version.substr(0, version.find_first_of("- ")),
                     version.substr(version.rfind(' ') + 1));
}

std::string kernel_of(const ReportTarget& target) {
  const auto base = fact_of(target.base_facts, "kernel.release");
  const auto head = fact_of(target.head_facts, "kernel.release");
  return base == head ? "x86-64 " + head : fmt::format("x86-64 {} -> {}", base, head);
}

std::string handlers_of(const Rows& rows) {
  std::set<std::string> handlers;
  for (const auto* row : rows) {
    const auto parts = split(row->cell, '/');
    if (parts.size() > kHandlerPart) handlers.insert("\"" + escaped_for_line(parts[kHandlerPart]) + "\"");
  }
  if (handlers.empty()) return {};
  return fmt::format("handler{} {}", handlers.size() == 1 ? "" : "s", fmt::join(handlers, " "));
}

std::string unit_words(const Rows& rows) {
  const auto* info = rows.empty() ? nullptr : find_metric(rows.front()->metric);
  if (info == nullptr) return "Cost of a probe hit";
  if (info->leads == Leads::counted) return "Instructions per probe hit (exact, QEMU TCG -icount; not time)";
  return fmt::format("{} (interleaved pairs)", info->axis);
}

// What the figures are, and of what.
std::string heading(const ReportTarget& target, const Rows& rows) {
  std::vector<std::string> parts{unit_words(rows), "probebench", kernel_of(target)};
  for (const auto& part :
       {compiler_of(target), fact_of(target.head_facts, "kernel.preemption"),
        fmt::format("{} cell{}", rows.size(), rows.size() == 1 ? "" : "s"), handlers_of(rows)}) {
    if (!part.empty()) parts.push_back(part);
  }
  return folded("", words_of(fmt::format("{}:", fmt::join(parts, ", "))), 0);
}

std::string percent_of(const ReportRow& row) {
  return row.relative ? fmt::format("({:+.1f}%)", 100 * *row.relative) : "";
}

std::string difference_of(const ReportRow& row) {
  return row.exact ? signed_number(*row.absolute) : "";
}

std::vector<std::string> functions_of(const ReportRow& row) {
  constexpr std::size_t kShownFunctions = 3;
  std::vector<std::string> words;
  for (const auto& one : row.functions) {
    if (words.size() == kShownFunctions) break;
    words.push_back(fmt::format("{} {:+}", escaped_for_line(one.function), one.change));
  }
  if (row.functions.size() > kShownFunctions) words.emplace_back("..");
  return words;
}

// The functions stand behind the figures, or below where there is no room.
std::string row_line(const ReportRow& row, const std::string& name, std::size_t width) {
  auto line = fmt::format("  {:<{}} {:>8} {:>8} {:>6} {:>8}", name, width, number_text(row.base->value),
                          number_text(row.head->value), difference_of(row), percent_of(row));
  const auto functions = functions_of(row);
  if (functions.empty()) return line + "\n";
  const auto together = fmt::format("{}", fmt::join(functions, ", "));
  if (line.size() + 2 + together.size() <= kMailWidth) return line + "  " + together + "\n";
  return line + "\n" + folded("      ", words_of(together), 6);
}

std::string type_of(const ReportRow& row) {
  return escaped_for_line(split(row.cell, '/').front());
}

// Beyond what is shown: "5 more +4, 1 more +8".
std::string rest_line(const Rows& rest) {
  std::map<std::string, std::size_t> counts;
  for (const auto* row : rest) ++counts[row->exact ? difference_of(*row) : "changed"];
  std::vector<std::string> parts;
  for (const auto& [difference, count] : counts)
    parts.push_back(fmt::format("{} more {}", count, difference));
  return rest.empty() ? "" : folded("  ", words_of(fmt::format("{}", fmt::join(parts, ", "))), 2);
}

// How many, and which probe types have no other rows.
std::string unchanged_line(const Rows& rows) {
  std::set<std::string> changed;
  std::size_t unchanged = 0;
  for (const auto* row : rows) {
    if (is_changed(*row)) changed.insert(type_of(*row));
    unchanged += is_changed(*row) ? 0 : 1;
  }
  std::vector<std::string> types;
  for (const auto* row : rows) {
    auto type = type_of(*row);
    if (changed.contains(type) || (!types.empty() && types.back() == type)) continue;
    types.push_back(types.size() < kMostTypes ? std::move(type) : std::string(".."));
    if (types.size() > kMostTypes) break;
  }
  if (unchanged == 0) return {};
  const auto count = fmt::format("  unchanged: {}", unchanged);
  if (types.empty()) return count + "\n";
  return folded(count + " ", words_of(fmt::format("({})", fmt::join(types, ", "))), 4);
}

std::string patch_rows(const Rows& rows) {
  const ShortNames names(rows);
  const auto changed = changed_of(rows);
  const auto shown = std::min(changed.size(), kMostRows);
  std::size_t width = 0;
  for (std::size_t i = 0; i < shown; ++i) width = std::max(width, names.of(*changed[i]).size());
  std::string text = changed.empty() ? "  nothing changed\n"
                                     : fmt::format("  {:<{}} {:>8} {:>8}\n", "", width, "before", "after");
  for (std::size_t i = 0; i < shown; ++i) text += row_line(*changed[i], names.of(*changed[i]), width);
  text += rest_line({changed.begin() + static_cast<std::ptrdiff_t>(shown), changed.end()});
  return text + unchanged_line(rows);
}

std::string reproduction(const Report& report) {
  if (report.command.empty()) return {};
  std::vector<std::string> words;
  for (const auto& word : report.command) words.push_back(escaped_for_line(word));
  return folded("Reproduce: ", words, 4, " \\");
}

std::string cover_side(const Rows& rows, const ShortNames& names, bool head) {
  std::size_t width = 0;
  for (const auto* row : rows) width = std::max(width, names.of(*row).size());
  std::string text;
  for (const auto* row : rows) {
    text += fmt::format("  {:<{}} {:>8}", names.of(*row), width,
                        number_text(head ? row->head->value : row->base->value));
    const bool marked = head && is_changed(*row);
    text += (marked ? fmt::format(" {:>6} {:>8}", difference_of(*row), percent_of(*row)) : "") + "\n";
  }
  return text;
}

}  // namespace

std::string report_patch(const Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    const auto rows = measured_rows(target);
    if (rows.empty()) continue;
    text += heading(target, rows) + "\n" + patch_rows(rows);
  }
  return text + reproduction(report);
}

std::string report_cover(const Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    const auto rows = measured_rows(target);
    if (rows.empty()) continue;
    const ShortNames names(rows);
    text += heading(target, rows) + "\nWithout this series:\n\n" + cover_side(rows, names, false) +
            "\nWith this series:\n\n" + cover_side(rows, names, true) + "\n";
  }
  return text + reproduction(report);
}

}  // namespace probebench::gate
