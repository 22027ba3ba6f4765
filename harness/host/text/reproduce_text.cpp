// SPDX-License-Identifier: MIT
#include "text/reproduce_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/surface_text.h"
#include "text/text.h"
#include "text/workloads_text.h"

namespace probebench::text {
namespace {

std::string ratio_text(std::optional<double> ratio) {
  return ratio ? fmt::format("{:.1f}x", *ratio) : "-";
}

// By the first source; reproduce.json has all of them.
std::string modelled_text(const reproduce::Reproduction& target, const reproduce::PerHitRow& row) {
  const auto found = std::ranges::find_if(target.modelled, [&](const reproduce::ModelledTime& time) {
    return time.probe_type == row.cell.probe_type && time.state == row.state;
  });
  if (found == target.modelled.end()) return "-";
  return fmt::format("{:.0f} ({:.0f}-{:.0f})", found->ns.value, found->ns.low, found->ns.high);
}

// One page: the module's own probes, and BPF's that the claims name.
bool is_shown(const reproduce::PerHitRow& row) {
  const auto& type = info_of(row.cell.probe_type);
  const bool named = type.id == ProbeType::fentry || type.id == ProbeType::fexit;
  return row.cell.handler == Handler::nop && row.cell.driver == DriverId::module &&
         (type.backend == Backend::kmod || named);
}

std::string per_hit_text(const reproduce::Reproduction& target) {
  std::vector<Column> columns{{"one hit, empty handler", Align::left, {}},
                              {"state", Align::left, {}},
                              {target.exact() ? "insns" : "ticks", Align::right, {}},
                              {"stepped is", Align::right, {}},
                              {"boosted is", Align::right, {}}};
  if (target.exact()) columns.push_back({"modelled ns", Align::right, {}});
  for (const auto& row : target.per_hit.rows) {
    if (!is_shown(row)) continue;
    columns[0].cells.emplace_back(info_of(row.cell.probe_type).name);
    columns[1].cells.emplace_back(name_of(row.state));
    columns[2].cells.push_back(fmt::format("{:.0f}", row.per_hit));
    columns[3].cells.push_back(ratio_text(row.ratio_to_stepped));
    columns[4].cells.push_back(ratio_text(row.ratio_to_boosted));
    if (target.exact()) columns[5].cells.push_back(modelled_text(target, row));
  }
  return columns[0].cells.empty() ? "" : layout(columns);
}

std::string unit_text(const reproduce::Reproduction& target) {
  if (!target.exact()) return {};
  std::string text =
      "Counts are executed guest instructions: a ratio of counts is not a ratio of times, because an int3 "
      "also takes one or two exceptions.";
  if (!target.modelled.empty()) {
    text += fmt::format(" The times are modelled, with low and high, by {} (docs/reproduce.md).",
                        target.modelled.front().source);
  }
  return wrapped("", text, 0);
}

std::string target_text(const reproduce::Reproduction& target) {
  std::string text = target.target.info.id + "\n" + per_hit_text(target) + unit_text(target);
  if (!target.per_hit.note.empty()) text += wrapped("", target.per_hit.note, 0);
  text += surface_text(target) + control_plane_text(target) +
          workloads_text(target.predictions, target.told.suites);
  if (!target.verdict.empty()) text += "\n" + wrapped("", target.verdict, 0);
  return text;
}

}  // namespace

std::string reproduction_text(const std::vector<reproduce::Reproduction>& targets) {
  std::string text;
  for (const auto& target : targets) {
    if (!text.empty()) text += "\n";
    text += target_text(target);
  }
  return text;
}

}  // namespace probebench::text
