// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "text/reproduce_text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

using reproduce::PrunedWorkload;
using reproduce::Pruning;

const PrunedWorkload* worst_of(const Pruning& pruning) {
  const auto found = std::ranges::max_element(pruning.workloads, {},
                                              [](const auto& one) { return one.measured.value_or(0); });
  return found == pruning.workloads.end() || !found->measured ? nullptr : &*found;
}

// "4.6 % (stat)"
std::string worst_text(const Pruning& pruning) {
  const auto* worst = worst_of(pruning);
  return worst == nullptr ? "-" : fmt::format("{:.1f} % ({})", *worst->measured, info_of(worst->id).name);
}

std::string table_of(const std::vector<const Pruning*>& prunings) {
  std::vector<Column> columns{{"mechanism", Align::left, {}},   {"most are", Align::left, {}},
                              {"above", Align::right, {}},      {"left out", Align::right, {}},
                              {"kept of", Align::right, {}},    {"", Align::right, {}},
                              {"worst then", Align::right, {}}, {"sets", Align::right, {}}};
  for (const auto* one : prunings) {
    add_row(columns,
            {std::string(info_of(one->told.mechanism).name), std::string(name_of(one->state)),
             fmt::format("{}/{}", one->above(), one->workloads.size()),
             std::to_string(one->told.left_out.size()), fmt::format("{}/{}", one->kept, one->sites),
             fmt::format("{:.0f} %", one->kept_percent()), worst_text(*one), std::to_string(one->told.sets)});
  }
  return layout(columns);
}

std::vector<std::string> beyond(const Pruning& more, const Pruning& less) {
  std::vector<std::string> names;
  std::ranges::copy_if(more.told.left_out, std::back_inserter(names), [&](const auto& name) {
    return std::ranges::find(less.told.left_out, name) == less.told.left_out.end();
  });
  return names;
}

// What the jump lets stay, and what it does not.
std::string difference_of(const std::vector<Pruning>& prunings) {
  const auto* int3 = find_pruning(prunings, SuiteMechanism::unoptimized);
  const auto* jump = find_pruning(prunings, SuiteMechanism::optimized);
  if (int3 == nullptr || jump == nullptr) return {};
  std::string text;
  if (const auto names = beyond(*int3, *jump); !names.empty())
    text += wrapped("left out with int3 only: ", fmt::format("{}", fmt::join(names, ", ")), 2);
  if (const auto names = beyond(*jump, *int3); !names.empty())
    text += wrapped("left out with the jump only: ", fmt::format("{}", fmt::join(names, ", ")), 2);
  return text;
}

// Why a mechanism was skipped stands with the workloads.
std::string notes_of(const std::vector<const Pruning*>& prunings) {
  std::string text;
  for (const auto* one : prunings) {
    const auto name = info_of(one->told.mechanism).name;
    if (!one->told.note.empty()) text += wrapped(fmt::format("{}: ", name), one->told.note, 2);
  }
  return text;
}

}  // namespace

std::string pruning_text(const std::vector<Pruning>& prunings) {
  if (prunings.empty()) return {};
  const auto& told = prunings.front().told;
  std::vector<const Pruning*> measured;
  for (const auto& one : prunings) {
    if (one.told.status != CellStatus::skipped) measured.push_back(&one);
  }
  auto text =
      "\n" + wrapped(fmt::format("pruning of suite {}: ", told.suite),
                     fmt::format("sites left out, the hottest first, until no workload is {} % slower; "
                                 "what is left was armed and measured",
                                 told.line_percent),
                     2);
  return measured.empty() ? "" : text + table_of(measured) + difference_of(prunings) + notes_of(measured);
}

}  // namespace probebench::text
