// SPDX-License-Identifier: MIT
#include "plan/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "base/text.h"
#include "model/external_probe.h"

namespace probebench::plan {
namespace {

constexpr std::size_t kMaxSuggestions = 3;

struct Candidate {
  std::size_t distance;
  std::string_view name;
};

// Part of a name ("optimized" for "kprobe-optimized") is as good as a single typing error.
std::size_t distance_to(std::string_view typed, std::string_view name) {
  const auto lower = lowercase(typed);
  if (lower == name) return 0;
  if (typed.size() >= 3 && name.find(lower) != std::string_view::npos) return 1;
  return std::min(edit_distance(typed, name), edit_distance(lower, name));
}

constexpr std::string_view kSeeList = "see ./run-bench list";

// What all names of the list stand for, each once and in order. (Enumerators are in the order of their
// table.)
template <typename Choice>
Result<std::vector<Choice>> select(std::string_view option, std::string_view list,
                                   Status (*add)(std::string_view name, std::set<Choice>& chosen)) {
  std::set<Choice> chosen;
  for (const auto part : split(list, ',')) {
    const auto name = trimmed(part);
    if (name.empty()) {
      return Error{Fault::usage,
                   fmt::format("{} '{}': empty name, expected comma-separated names", option, list), 0,
                   std::string(kSeeList)};
    }
    TRY(add(name, chosen));
  }
  return std::vector<Choice>(chosen.begin(), chosen.end());
}

bool is_group(std::string_view name) {
  return std::ranges::find(kProbeGroups, name) != kProbeGroups.end();
}

Error unknown_probe_type(std::string_view name) {
  if (name == "jprobe") {
    return {Fault::usage, "probe type 'jprobe': jprobe was removed in Linux 4.15", 0,
            "use kprobe-ftrace (function entry) or another of --probe-type kprobe"};
  }
  if (name == kExternalType) {
    return {Fault::usage, "probe type 'external': a probe of your own has a command of its own", 0,
            "see ./run-bench cost --help"};
  }
  std::vector<std::string_view> known;
  for (const auto& info : kProbeTypes) known.push_back(info.name);
  for (const auto group : kProbeGroups) {
    if (!probe_type_from_name(group)) known.push_back(group);
  }
  for (const auto& alias : kProbeTypeAliases) known.push_back(alias.name);
  return {Fault::usage, fmt::format("unknown probe type '{}'", name), 0, did_you_mean(name, known, kSeeList)};
}

// Adds what one name stands for.
Status add_probe_types(std::string_view name, std::set<ProbeType>& chosen) {
  if (is_group(name)) {
    for (const auto& info : kProbeTypes) {
      if (in_group(info, name)) chosen.insert(info.id);
    }
    return Done{};
  }
  if (const auto type = probe_type_from_name(name)) {
    chosen.insert(*type);
    return Done{};
  }
  const auto* alias = std::ranges::find(kProbeTypeAliases, name, &ProbeTypeAlias::name);
  if (alias == std::end(kProbeTypeAliases)) return unknown_probe_type(name);
  chosen.insert(alias->probe_type);
  return Done{};
}

Error unknown_handler(std::string_view name) {
  std::vector<std::string_view> known{"all"};
  for (const auto& info : kHandlers) known.push_back(info.name);
  return {Fault::usage, fmt::format("unknown handler '{}'", name), 0, did_you_mean(name, known, kSeeList)};
}

Error bad_delay(std::string_view name) {
  return {Fault::usage,
          fmt::format("handler '{}': expected delay:NS with NS from 1 to {}", name, kMaxDelayNs), 0,
          "for example delay:500"};
}

Status add_handlers(std::string_view name, std::set<HandlerChoice>& chosen) {
  if (name == "all") {
    for (const auto& info : kHandlers) {
      if (info.id != Handler::delay) chosen.insert({info.id});
    }
    return Done{};
  }
  const auto choice = handler_choice_from(name);
  if (!choice) return name.starts_with("delay") ? bad_delay(name) : unknown_handler(name);
  chosen.insert(*choice);
  return Done{};
}

Status add_threads(std::string_view text, std::set<std::uint32_t>& chosen) {
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < 1 || number > kMaxThreads) {
    return Error{Fault::usage,
                 fmt::format("--threads '{}': expected numbers from 1 to {}", text, kMaxThreads), 0,
                 "for example --threads 1,2,4"};
  }
  chosen.insert(number);
  return Done{};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::vector<std::string_view> nearest_names(std::string_view typed, std::span<const std::string_view> known) {
  const std::size_t limit = std::max<std::size_t>(2, typed.size() / 3);
  std::vector<Candidate> candidates;
  for (const auto name : known) {
    const Candidate candidate{distance_to(typed, name), name};
    if (candidate.distance <= limit) candidates.push_back(candidate);
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::distance);
  std::vector<std::string_view> names;
  for (const auto& candidate : candidates) {
    if (candidate.distance > candidates.front().distance || names.size() == kMaxSuggestions) break;
    names.push_back(candidate.name);
  }
  return names;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view otherwise) {
  const auto names = nearest_names(typed, known);
  if (names.empty()) return std::string(otherwise);
  return fmt::format("did you mean {}?", fmt::join(names, " or "));
}

bool in_group(const ProbeTypeInfo& info, std::string_view group) {
  if (group == "all") return !info.among_all;
  return std::ranges::count(split(info.groups, ' '), group) != 0;
}

Result<std::vector<ProbeType>> select_probe_types(std::string_view list) {
  return select<ProbeType>("--probe-type", list, add_probe_types);
}

Result<std::vector<std::uint32_t>> select_threads(std::string_view list) {
  return select<std::uint32_t>("--threads", list, add_threads);
}

Result<std::vector<HandlerChoice>> select_handlers(std::string_view list) {
  return select<HandlerChoice>("--handler", list, add_handlers);
}

std::vector<std::string_view> operation_names() {
  std::vector<std::string_view> names;
  for (const auto& info : kWorkloads) {
    if (info.id != WorkloadId::command) names.push_back(info.name);
  }
  return names;
}

std::optional<WorkloadId> operation_from_name(std::string_view name) {
  const auto found = workload_from_name(name);
  return found == WorkloadId::command ? std::nullopt : found;
}

Result<std::vector<ArchId>> select_archs(std::string_view list) {
  std::vector<ArchId> archs;
  for (const auto part : split(list, ',')) {
    const auto arch = arch_from_name(trimmed(part));
    const bool twice = arch && std::ranges::find(archs, *arch) != archs.end();
    if (!arch || twice) {
      return Error{
          Fault::usage,
          fmt::format("--arch '{}': {}", part, twice ? "it is named twice" : "no known architecture"), 0,
          "expected x86-64, arm64, or x86-64,arm64"};
    }
    archs.push_back(*arch);
  }
  return archs;
}

}  // namespace probebench::plan
