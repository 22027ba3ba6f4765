// SPDX-License-Identifier: MIT
#include "gate/changed_functions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "anatomy/anatomy.h"
#include "anatomy/anatomy_json.h"
#include "base/file.h"

namespace probebench::gate {
namespace {

constexpr std::size_t kShown = 5;

const anatomy::Anatomy* find_path(const std::vector<anatomy::Anatomy>& paths, const std::string& target,
                                  const std::string& cell) {
  const auto is_it = [&](const anatomy::Anatomy& one) { return one.cell == cell && one.target == target; };
  const auto found = std::ranges::find_if(paths, is_it);
  return found == paths.end() ? nullptr : &*found;
}

bool counts_differ(const ReportRow& row) {
  const bool counts = row.metric == name_of(&Summary::instructions_per_hit);
  return row.lead && row.exact && counts && row.absolute && *row.absolute != 0;
}

bool fits(const anatomy::Anatomy& path, const Metric& counted) {
  return static_cast<double>(path.per_hit()) == counted.value;
}

std::vector<FunctionChange> largest_first(const anatomy::Anatomy& base, const anatomy::Anatomy& head) {
  std::vector<FunctionChange> changes;
  for (const auto& one : anatomy::difference(base, head)) {
    if (one.change() != 0) changes.push_back({one.symbol, one.change()});
  }
  std::ranges::stable_sort(changes, std::greater<>(),
                           [](const FunctionChange& one) { return std::llabs(one.change); });
  return changes;
}

std::string functions_text(const std::vector<FunctionChange>& changes) {
  std::vector<std::string> shown;
  for (const auto& one : changes) {
    if (shown.size() == kShown) break;
    shown.push_back(fmt::format("{} {:+}", one.function, one.change));
  }
  const auto rest = changes.size() - shown.size();
  return fmt::format("by function: {}{}", fmt::join(shown, ", "),
                     rest == 0 ? "" : fmt::format(", and {} more", rest));
}

// The call that is made with or without a probe is part of both paths, and of no count.
std::string baseline_text(const anatomy::Anatomy& base, const anatomy::Anatomy& head) {
  const auto change = static_cast<std::int64_t>(head.baseline) - static_cast<std::int64_t>(base.baseline);
  return change == 0 ? "" : fmt::format(" ({:+} of it in the call itself, not counted)", change);
}

// False: the paths are not of these counts.
bool name_row(ReportRow& row, const anatomy::Anatomy& base, const anatomy::Anatomy& head) {
  if (!fits(base, *row.base) || !fits(head, *row.head)) return false;
  row.functions = largest_first(base, head);
  if (!row.why.empty()) row.why += "; ";
  row.why += functions_text(row.functions) + baseline_text(base, head);
  return true;
}

}  // namespace

std::vector<anatomy::Anatomy> recorded_paths(const fs::path& folder) {
  for (const auto& file : {folder / "anatomy.json", folder / kPathsFolder / "anatomy.json"}) {
    const auto text = read_file(file);
    if (!text) continue;
    auto paths = anatomy::read_anatomies(*text);
    if (paths) return *std::move(paths);
  }
  return {};
}

void name_functions(Report& report, const std::vector<anatomy::Anatomy>& base,
                    const std::vector<anatomy::Anatomy>& head) {
  bool all_fit = true;
  for (auto& target : report.targets) {
    for (auto& row : target.rows) {
      if (!counts_differ(row)) continue;
      const auto* from = find_path(base, target.base_id, row.base_cell);
      const auto* to = find_path(head, target.head_id, row.head_cell);
      if (from != nullptr && to != nullptr) all_fit = name_row(row, *from, *to) && all_fit;
    }
  }
  if (all_fit) return;
  report.notes.push_back(
      "The recorded paths are of other counts than these: run anatomy again on both sides.");
}

}  // namespace probebench::gate
