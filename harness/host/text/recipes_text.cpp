// SPDX-License-Identifier: MIT
#include "text/recipes_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "probe_cost/cost_summary.h"
#include "text/text.h"

namespace probebench::text {
namespace {

constexpr std::size_t kReasonIndent = 2;
constexpr std::size_t kMechanismsShown = 2;

// Of all its probes together.
std::string hits_of(const ProbeCost& cost) {
  std::uint64_t counted = 0;
  std::uint64_t expected = 0;
  for (const auto& one : cost.hits) {
    counted += one.hits.counted;
    expected += one.hits.expected;
  }
  return fmt::format("{} of {}", counted, expected);
}

// How the places of its own are armed; those that were switched in passing are none.
std::string mechanism_of(const ProbeCost& cost) {
  std::vector<std::string_view> names;
  for (const auto& site : cost.sites) {
    const bool in_passing = site.arming == SiteArming::led_elsewhere || site.arming == SiteArming::static_key;
    const auto name = info_of(site.arming).name;
    if (in_passing || std::ranges::find(names, name) != names.end()) continue;
    names.push_back(name);
  }
  if (names.empty()) return cost.sites.empty() ? "-" : std::string(info_of(SiteArming::static_key).name);
  if (names.size() > kMechanismsShown) return fmt::format("{} and {} more", names.front(), names.size() - 1);
  return names.size() == 1 ? std::string(names[0]) : fmt::format("{}, {}", names[0], names[1]);
}

// "~": its rounds are not all alike.
std::string figure_of(const cost::CostFigures& figures) {
  return (figures.exact() ? "" : "~") + number_text(figures.per_hit);
}

std::string word_of(const ProbeCost* cost) {
  if (cost == nullptr) return "not measured";
  return cost->status == CellStatus::skipped ? "refused" : std::string(name_of(cost->status));
}

// Each line of the layout belongs to a row; the reasons go between them.
std::string with_reasons(const std::string& table, const std::vector<RecipeRow>& rows) {
  const auto lines = split(table, '\n');
  std::string text = std::string(lines.front()) + '\n';
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += std::string(lines[i + 1]) + '\n';
    const auto* cost = rows[i].cost;
    if (cost == nullptr || cost->status == CellStatus::measured) continue;
    text += wrapped(std::string(kReasonIndent, ' '), cost->reason, kReasonIndent);
  }
  return text;
}

}  // namespace

std::string recipes_table(const std::string& target, const std::vector<RecipeRow>& rows) {
  std::vector<Column> columns{{"recipe", Align::left, {}},
                              {"workload", Align::left, {}},
                              {"per hit", Align::right, {}},
                              {"hits", Align::right, {}},
                              {"mechanism", Align::left, {}}};
  for (const auto& [recipe, cost] : rows) {
    const auto figures = cost == nullptr ? std::nullopt : cost::figures_of(*cost);
    const auto workload = cost == nullptr ? std::string() : std::string(info_of(cost->workload).name);
    if (figures) {
      add_row(columns, {recipe, workload, figure_of(*figures), hits_of(*cost), mechanism_of(*cost)});
    } else {
      add_row(columns, {recipe, workload, "-", "", word_of(cost)});
    }
  }
  return wrapped("", target, 0) + with_reasons(layout(columns), rows);
}

}  // namespace probebench::text
