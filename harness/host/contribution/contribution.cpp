// SPDX-License-Identifier: MIT
#include "contribution/contribution.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "base/text.h"
#include "results/results_json.h"
#include "stats/robust.h"
#include "wire/json_value.h"

namespace probebench::contribution {
namespace {

using Rows = std::vector<const CellRecord*>;

// Facts that say what was measured, and not whose it is: whatever is not known here stays at home. A name
// that ends in '.' stands for all that begin with it.
constexpr auto kPublishedFacts = std::to_array<std::string_view>({
    "bpf.",
    "clocksource",
    "compiler.version",
    "cpu.",
    "cpus.online",
    "ftrace.",
    "governor",
    "guest.not_restored",
    "hypervisor",
    "kernel.boot",
    "kernel.options",
    "kernel.package_version",
    "kernel.release",
    "kernel.preemption",
    "kernel.tainted",
    "kernel.version",
    "kprobes.",
    "mitigations.",
    "module.btf",
    "module.sha256",
    "no_turbo",
    "qemu.",
    "smt",
    "tracer",
});

bool is_published(const std::string& fact) {
  return std::ranges::any_of(kPublishedFacts, [&](std::string_view known) {
    return known.ends_with('.') ? fact.starts_with(known) : fact == known;
  });
}

// A virtual machine was booted by us, with a line that tells nothing.
void keep_published(TargetInfo& target) {
  const bool own_line = target.kind == "vm";
  for (auto* facts : {&target.host, &target.environment.facts}) {
    std::erase_if(*facts, [&](const auto& fact) {
      return !is_published(fact.first) && !(own_line && fact.first == "kernel.cmdline");
    });
  }
}

std::optional<Metric> over(const Rows& rows, std::optional<Metric> Summary::*member,
                           const std::string& note) {
  std::vector<double> medians;
  for (const auto* row : rows) {
    const auto& metric = row->summary.*member;
    if (!metric) return std::nullopt;
    medians.push_back(metric->value);
  }
  const auto [low, high] = stats::median_interval(medians);
  return Metric{.value = stats::median(medians),
                .low = low,
                .high = high,
                .spread = stats::median_absolute_deviation(medians),
                .low_quantile = stats::quantile(medians, kLowQuantile),
                .n = medians.size(),
                .metric_class = MetricClass::noisy,
                .note = note};
}

std::optional<double> median_of(const Rows& rows, std::optional<double> Summary::*member) {
  std::vector<double> values;
  for (const auto* row : rows) {
    if (row->summary.*member) values.push_back(*(row->summary.*member));
  }
  if (values.size() != rows.size()) return std::nullopt;
  return stats::median(values);
}

Summary summary_over(const Rows& rows, const std::string& note) {
  Summary summary;
  for (const auto& info : kMetrics) summary.*info.member = over(rows, info.member, note);
  summary.baseline_per_call = over(rows, &Summary::baseline_per_call, note);
  summary.baseline_fixed = median_of(rows, &Summary::baseline_fixed);
  summary.cold_hit = median_of(rows, &Summary::cold_hit);
  summary.no_metric_reason = rows.front()->summary.no_metric_reason;
  return summary;
}

std::string states_of(const Rows& rows) {
  std::set<std::string_view> states;
  for (const auto* row : rows) states.insert(name_of(row->result.evidence.state));
  return fmt::format("{}", fmt::join(states, ", "));
}

CellRecord without_figures(CellRecord cell) {
  cell.summary = {};
  cell.summary.no_metric_reason = fmt::format("the cell is {}", name_of(cell.result.status));
  return cell;
}

// What most of the processes say decides; a figure is one of processes that saw the same state.
CellRecord combined(const Rows& tries) {
  const auto is_measured = [](const CellRecord* one) { return one->result.status == CellStatus::measured; };
  Rows measured;
  std::ranges::copy_if(tries, std::back_inserter(measured), is_measured);
  const auto failed = std::ranges::find_if_not(tries, is_measured);
  const auto some = fmt::format("{} of {} processes", measured.size(), tries.size());
  if (2 * measured.size() <= tries.size()) {
    auto cell = without_figures(**failed);
    if (!measured.empty()) cell.result.reason += fmt::format(" (measured in {})", some);
    return cell;
  }
  CellRecord cell = *measured.front();
  for (std::size_t i = 1; i < measured.size(); ++i) {
    const auto& rounds = measured[i]->result.rounds;
    cell.result.rounds.insert(cell.result.rounds.end(), rounds.begin(), rounds.end());
  }
  if (const auto states = states_of(measured); states.find(',') != states.npos) {
    cell.result.status = CellStatus::invalid;
    cell.result.reason = "the processes differ in the state of the site: " + states;
    return without_figures(std::move(cell));
  }
  const auto note = failed == tries.end() ? std::string() : some + "; else: " + (*failed)->result.reason;
  cell.summary = summary_over(measured, note);
  return cell;
}

Rows tries_of(const std::vector<RunRecord>& processes, const CellRecord& cell) {
  Rows tries;
  for (const auto& process : processes) {
    for (const auto& one : process.cells) {
      if (one.result.cell == cell.result.cell) tries.push_back(&one);
    }
  }
  return tries;
}

// Longest first: one may lie below another.
void hide_paths(wire::Json& value, const std::vector<std::string>& paths) {
  if (value.is_string()) {
    auto text = value.get<std::string>();
    for (const auto& path : paths) replace_all(text, path, "[folder]");
    value = std::move(text);
  }
  if (!value.is_structured()) return;
  for (auto& [key, inner] : value.items()) hide_paths(inner, paths);
}

std::vector<std::string> longest_first(std::vector<std::string> paths) {
  std::erase_if(paths, [](const std::string& path) { return path.size() < 2; });  // "/" is everybody's
  std::ranges::sort(paths, std::ranges::greater(), &std::string::size);
  return paths;
}

wire::Json parsed(const std::string& json) {
  return json.empty() ? wire::Json(nullptr) : wire::Json::parse(json);
}

// The line that was typed has names of the machine's folders.
void forget_command(wire::Json& document) {
  if (document.is_object() && document.contains("command")) document["command"] = {"run-bench", "contribute"};
}

}  // namespace

Status check(const Contribution& given) {
  std::set<std::string> machines;
  bool any = false;
  for (const auto& process : given.processes) {
    for (const auto& target : process.targets) machines.insert(target.fingerprint);
    any = any || std::ranges::any_of(process.cells, [](const CellRecord& cell) {
            return cell.result.status == CellStatus::measured;
          });
  }
  if (machines.size() > 1) {
    return Error{Fault::cell, "make a contribution: the machine was another one for some of the processes", 0,
                 "its microcode, its mitigations or the module changed meanwhile: begin again"};
  }
  if (any) return Done{};
  return Error{Fault::unsupported, "make a contribution: nothing was measured on the running kernel", 0,
               "the reasons are above; --load-module, as root, measures most"};
}

RunRecord over_processes(const std::vector<RunRecord>& processes) {
  RunRecord all = processes.front();
  for (auto& cell : all.cells) cell = combined(tries_of(processes, cell));
  all.complete = std::ranges::all_of(processes, &RunRecord::complete);
  return all;
}

RunRecord published_run(const Contribution& given) {
  constexpr std::size_t kDay = 10;  // "2026-11-27"
  auto all = over_processes(given.processes);
  if (given.counts) {
    all.targets.insert(all.targets.end(), given.counts->targets.begin(), given.counts->targets.end());
    all.cells.insert(all.cells.end(), given.counts->cells.begin(), given.counts->cells.end());
    all.complete = all.complete && given.counts->complete;
  }
  for (auto& target : all.targets) keep_published(target.info);
  all.started = all.started.substr(0, kDay) + "T00:00:00Z";
  all.command = {"run-bench", "contribute"};
  return all;
}

std::string write_contribution(const Contribution& given) {
  const auto run = published_run(given);
  auto reproduce = parsed(given.reproduce_json);
  forget_command(reproduce);
  wire::Json document{{"schema_version", kContributionVersion},
                      {"kind", "contribution"},
                      {"processes", given.processes.size()},
                      {"unfit", given.unfit},
                      {"missing", given.missing},
                      {"results", parsed(results::write_results(run))},
                      {"reproduce", std::move(reproduce)}};
  hide_paths(document, longest_first(given.own_paths));
  return document.dump() + "\n";
}

}  // namespace probebench::contribution
