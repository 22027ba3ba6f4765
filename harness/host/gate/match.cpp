// SPDX-License-Identifier: MIT
#include "gate/match.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "gate/kernel_builds.h"

namespace probebench::gate {
namespace {

bool any_covers(const std::vector<std::string>& names, const std::string& fact) {
  return std::ranges::any_of(names, [&](const std::string& name) { return covers(name, fact); });
}

// "gcc-12 (Debian 12.2.0-14) 12.2.0" is the program "gcc (Debian 12.2.0-14) 12.2.0" under another name; what
// tells compilers apart stands behind it.
std::string without_suffix(std::string_view compiler) {
  const auto name = compiler.substr(0, compiler.find(' '));
  const auto dash = name.rfind('-');
  const bool numbered = dash != name.npos && dash + 1 < name.size() &&
                        name.find_first_not_of("0123456789", dash + 1) == name.npos;
  return std::string(numbered ? name.substr(0, dash) : name) + std::string(compiler.substr(name.size()));
}

bool are_one(const std::string& name, const std::string& base, const std::string& head) {
  return base == head || (name == "compiler.version" && without_suffix(base) == without_suffix(head));
}

// Figures of different clocks are never compared, whoever chose the sides.
bool decides_unit(std::string_view fact) {
  return fact == "kind" || fact == "accel" || fact == "clock";
}

std::string value_in(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? std::string() : found->second;
}

void add_differences(std::vector<FactDifference>& all, const Facts& base, const Facts& head,
                     const MatchRules& rules, bool identifies) {
  std::set<std::string> names;
  for (const auto* facts : {&base, &head}) {
    for (const auto& [name, value] : *facts) names.insert(name);
  }
  for (const auto& name : names) {
    auto in_base = value_in(base, name);
    auto in_head = value_in(head, name);
    if (are_one(name, in_base, in_head)) continue;
    const bool may_differ =
        !identifies || (rules.chosen && !decides_unit(name)) || any_covers(rules.may_differ, name);
    all.push_back({name, std::move(in_base), std::move(in_head), may_differ, identifies});
  }
}

std::vector<FactDifference> differences_of(const SideTarget& base, const SideTarget& head,
                                           const MatchRules& rules) {
  std::vector<FactDifference> all;
  const bool builds = are_builds_of_one_kernel(base, head);
  add_differences(all, base.identity, head.identity, rules, true);
  // A baseline keeps only what identifies.
  if (!base.others.empty() && !head.others.empty()) {
    add_differences(all, base.others, head.others, rules, false);
  }
  for (auto& one : all) one.may_differ = one.may_differ || (builds && differs_by_build(one.name));
  return all;
}

std::size_t forbidden(const std::vector<FactDifference>& differences) {
  return static_cast<std::size_t>(
      std::ranges::count_if(differences, [](const auto& one) { return !one.may_differ; }));
}

// "kprobe/module/mid/nop/threads:1" -> "kprobe/module/mid/threads:1"
std::string without_handler(const std::string& name) {
  std::string kept;
  const auto parts = split(name, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == kHandlerPart) continue;
    if (!kept.empty()) kept += '/';
    kept += parts[i];
  }
  return kept;
}

std::string key_of(const SideCell& cell, const MatchRules& rules) {
  return rules.any_handler ? without_handler(cell.name) : cell.name;
}

std::vector<CellPair> pair_cells(SideTarget* base, SideTarget* head, const MatchRules& rules) {
  std::vector<CellPair> pairs;
  std::map<std::string, std::size_t> place;
  if (base != nullptr) {
    pairs.reserve(base->cells.size());
    for (auto& cell : base->cells) {
      place.emplace(key_of(cell, rules), pairs.size());
      pairs.push_back({key_of(cell, rules), std::move(cell), std::nullopt});
    }
    base->cells.clear();
  }
  if (head == nullptr) return pairs;
  for (auto& cell : head->cells) {
    const auto key = key_of(cell, rules);
    const auto found = place.find(key);
    if (found != place.end() && !pairs[found->second].head) {
      pairs[found->second].head = std::move(cell);
    } else {
      pairs.push_back({key, std::nullopt, std::move(cell)});
    }
  }
  head->cells.clear();
  return pairs;
}

std::optional<SideTarget> copy_of(const SideTarget* target) {
  return target == nullptr ? std::nullopt : std::optional(*target);
}

TargetPair pair_of(SideTarget* base, SideTarget* head, const MatchRules& rules) {
  auto cells = pair_cells(base, head, rules);
  TargetPair pair{.base = copy_of(base),
                  .head = copy_of(head),
                  .differences = {},
                  .comparable = false,
                  .laid_out_otherwise = false,
                  .cells = std::move(cells)};
  if (base == nullptr || head == nullptr) return pair;
  pair.differences = differences_of(*base, *head, rules);
  const bool both_came_up = !base->fingerprint.empty() && !head->fingerprint.empty();
  pair.laid_out_otherwise = is_laid_out_otherwise(*base, *head);
  pair.comparable = both_came_up && forbidden(pair.differences) == 0;
  return pair;
}

// "6.12.117+deb12-cloud-amd64" -> "6.12" of x86-64
std::string series_of(const SideTarget& target) {
  const auto release = value_in(target.identity, "kernel.release");
  const auto dot = release.find('.', release.find('.') + 1);
  return value_in(target.identity, "arch") + " " + release.substr(0, dot);
}

// Of a folder's baselines those of other kernels are no worse match for one that has none: they are none.
std::vector<SideTarget*> candidates_for(const SideTarget& head, std::vector<SideTarget*> unused,
                                        bool of_folder) {
  if (of_folder) {
    std::erase_if(unused, [&](const auto* one) { return series_of(*one) != series_of(head); });
  }
  return unused;
}

// The unused target that differs in the fewest facts that may not; null: none is left.
SideTarget* nearest(const SideTarget& head, const std::vector<SideTarget*>& unused, const MatchRules& rules) {
  SideTarget* best = nullptr;
  std::size_t least = 0;
  for (auto* base : unused) {
    const auto distance = forbidden(differences_of(*base, head, rules));
    if (best != nullptr && distance >= least) continue;
    best = base;
    least = distance;
  }
  return best;
}

bool matches(const SideTarget& base, const SideTarget& head, const MatchRules& rules) {
  return forbidden(differences_of(base, head, rules)) == 0;
}

}  // namespace

bool covers(std::string_view name, std::string_view fact) {
  if (name.ends_with('*')) return fact.starts_with(name.substr(0, name.size() - 1));
  return name.ends_with('.') ? fact.starts_with(name) : fact == name;
}

std::string TargetPair::title() const {
  if (!base || !head) return base ? base->id : head->id;
  return base->id == head->id ? base->id : base->id + " -> " + head->id;
}

std::vector<TargetPair> match(Side& base, Side& head, const MatchRules& rules) {
  std::vector<SideTarget*> unused;
  for (auto& target : base.targets) unused.push_back(&target);
  std::vector<SideTarget*> partners(head.targets.size(), nullptr);
  const auto take = [&](std::size_t index, SideTarget* partner) {
    partners[index] = partner;
    std::erase(unused, partner);
  };
  // Exact matches first, so that a nearest match cannot claim another's exact partner.
  for (std::size_t i = 0; i < head.targets.size(); ++i) {
    const auto found =
        std::ranges::find_if(unused, [&](const auto* one) { return matches(*one, head.targets[i], rules); });
    if (found != unused.end()) take(i, *found);
  }
  for (std::size_t i = 0; i < head.targets.size(); ++i) {
    if (partners[i] != nullptr) continue;
    take(i, nearest(head.targets[i], candidates_for(head.targets[i], unused, base.is_folder), rules));
  }
  std::vector<TargetPair> pairs;
  for (std::size_t i = 0; i < head.targets.size(); ++i) {
    pairs.push_back(pair_of(partners[i], &head.targets[i], rules));
  }
  if (base.is_folder) return pairs;
  for (auto* target : unused) pairs.push_back(pair_of(target, nullptr, rules));
  return pairs;
}

}  // namespace probebench::gate
