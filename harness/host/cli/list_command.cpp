// SPDX-License-Identifier: MIT
#include "cli/list_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/measuring.h"
#include "model/external_probe.h"
#include "model/handler.h"
#include "model/placement.h"
#include "plan/selection.h"
#include "text/text.h"

namespace probebench::cli {
namespace {

using nlohmann::ordered_json;

std::vector<std::string_view> members(std::string_view group) {
  std::vector<std::string_view> names;
  for (const auto& info : kProbeTypes) {
    if (plan::in_group(info, group)) names.push_back(info.name);
  }
  return names;
}

// Of each architecture where they differ.
std::string states_text(const Placement& placement) {
  const auto arm64 = info_of(ArchId::arm64).name;
  if (placement.only)
    return fmt::format("{} ({} alone)", placement.expected.text(), info_of(*placement.only).name);
  if (!placement.on_arm64) return placement.expected.text();
  return fmt::format("{} ({}: {})", placement.expected.text(), arm64, placement.on_arm64->text());
}

std::string probe_types_text() {
  std::string text = "Probe types (--probe-type), in the order they are measured:\n";
  for (const auto& info : kProbeTypes) {
    text += fmt::format("  {:<23} {}\n", info.name, info.summary);
    for (const auto& placement : kPlacements) {
      if (placement.probe_type != info.id) continue;
      text += fmt::format("  {:<23}   site {}, state {}, needs {}\n", "", info_of(placement.site).name,
                          states_text(placement), info_of(info.needs).name);
    }
  }
  text += fmt::format("  {:<23} {}\n", kExternalType, kExternalSummary);
  for (const auto& source : kProbeSources) {
    text += fmt::format("  {:<23}   {:<13} {}\n", "", source.option, source.summary);
  }
  return text;
}

std::string groups_text() {
  std::string text = "\nGroups (--probe-type; a name that is both means the group):\n";
  for (const auto group : kProbeGroups) {
    const auto names = members(group);
    const bool everything = group == "all";
    text += text::wrapped(
        fmt::format("  {:<23} ", group),
        everything ? "every probe type but those of all-functions" : fmt::format("{}", fmt::join(names, " ")),
        26);
  }
  return text;
}

std::string handlers_text() {
  std::string text = "\nHandlers (--handler):\n";
  for (const auto& info : kHandlers) text += fmt::format("  {:<23} {}\n", info.name, info.summary);
  return text;
}

std::string aliases_text() {
  std::string text = "\nAliases (--probe-type):\n";
  for (const auto& alias : plan::kProbeTypeAliases) {
    text += fmt::format("  {:<23} {}\n", alias.name, info_of(alias.probe_type).name);
  }
  return text;
}

std::vector<std::string_view> states(const StateSet& set) {
  std::vector<std::string_view> names;
  for (const auto& info : kProbeStates) {
    if (set.contains(info.id)) names.push_back(info.name);
  }
  return names;
}

ordered_json placements_json(ProbeType type) {
  ordered_json placements = ordered_json::array();
  for (const auto& placement : kPlacements) {
    if (placement.probe_type != type) continue;
    ordered_json row{{"driver", info_of(placement.driver).name},
                     {"site", info_of(placement.site).name},
                     {"expected_states", states(placement.expected)}};
    if (placement.on_arm64) row["expected_states_arm64"] = states(*placement.on_arm64);
    if (placement.only) row["arch"] = info_of(*placement.only).name;
    placements.push_back(std::move(row));
  }
  return placements;
}

ordered_json probe_type_json(const ProbeTypeInfo& info) {
  const auto& needs = info_of(info.needs);
  return {{"name", info.name},
          {"summary", info.summary},
          {"placements", placements_json(info.id)},
          {"needs", needs.name},
          {"provided_by", needs.provided_by}};
}

// In the list of its own: `--probe-type` does not take it.
ordered_json external_json() {
  ordered_json sources = ordered_json::array();
  for (const auto& source : kProbeSources) {
    sources.push_back({{"name", source.name}, {"option", source.option}, {"summary", source.summary}});
  }
  return {{"name", kExternalType}, {"summary", kExternalSummary}, {"sources", std::move(sources)}};
}

struct ListOptions {
  bool json = false;
};

void add_options(CLI::App& app, ListOptions& options) {
  app.add_flag("--json", options.json, "as JSON");
  app.footer("\nExamples:\n  ./run-bench list\n  ./run-bench list --json\n");
}

Status take_options(const Arguments& passed, ListOptions&) {
  return refuse_flags(passed);
}

Result<CommandResult> perform(const ListOptions& options, const Arguments&) {
  return CommandResult{.output = options.json ? list_json() : list_text()};
}

}  // namespace

Subcommand add_list(CLI::App& app) {
  return subcommand<ListOptions>(app.add_subcommand("list", "every probe type, group and handler"));
}

std::string list_text() {
  return probe_types_text() + groups_text() + aliases_text() + handlers_text();
}

std::string list_json() {
  ordered_json document{{"probe_types", ordered_json::array()},
                        {"groups", ordered_json::object()},
                        {"aliases", ordered_json::object()},
                        {"handlers", ordered_json::array()}};
  for (const auto& info : kProbeTypes) document["probe_types"].push_back(probe_type_json(info));
  document["external"] = external_json();
  for (const auto group : kProbeGroups) document["groups"][std::string(group)] = members(group);
  for (const auto& alias : plan::kProbeTypeAliases) {
    document["aliases"][std::string(alias.name)] = info_of(alias.probe_type).name;
  }
  for (const auto& info : kHandlers) {
    document["handlers"].push_back({{"name", info.name}, {"summary", info.summary}});
  }
  return document.dump(2) + "\n";
}

}  // namespace probebench::cli
