// SPDX-License-Identifier: MIT
#include "text/reproduce_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

std::string ratio_text(std::optional<double> ratio) {
  return ratio ? fmt::format("{:.1f}x", *ratio) : "-";
}

std::string modelled_text(const reproduce::Reproduction& target, const reproduce::PerHitRow& row) {
  const auto found = std::ranges::find_if(target.modelled, [&](const reproduce::ModelledTime& time) {
    return time.probe_type == row.cell.probe_type && time.state == row.state;
  });
  if (found == target.modelled.end()) return "-";
  return fmt::format("{:.0f}-{:.0f}", found->ns.low, found->ns.high);
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
  if (!target.modelled.empty()) text += " The times are modelled, over all sources (docs/reproduce.md).";
  return wrapped("", text, 0);
}

// Two cells are called stepped, and differ: said where both stand.
std::string denominator_text(const reproduce::PerHit& per_hit) {
  const auto* site = reproduce::find_row(per_hit, ProbeType::kprobe_unoptimized, {Handler::nop});
  const auto* other = reproduce::find_row(per_hit, ProbeType::kprobe_stepped, {Handler::nop});
  if (site == nullptr || other == nullptr || site->state != other->state) return {};
  return wrapped(
      "",
      fmt::format("\"Stepped is\" goes by the int3 on the site of the jump ({:.0f}), where the kernel "
                  "loops over the site's handlers; kprobe-stepped ({:.0f}) sits elsewhere, without "
                  "that loop.",
                  site->per_hit, other->per_hit),
      0);
}

std::string target_text(const reproduce::Reproduction& target) {
  std::string text = target.target.info.id + "\n" + per_hit_text(target) + unit_text(target) +
                     denominator_text(target.per_hit) + traps_text(target) + time_text(target.curve);
  if (!target.per_hit.note.empty()) text += wrapped("", target.per_hit.note, 0);
  text += surface_text(target) + control_plane_text(target) +
          workloads_text(target.predictions, target.told.suites) + pruning_text(target.prunings);
  if (!target.verdict.text.empty()) text += "\n" + wrapped("", target.verdict.text, 0);
  return text;
}

// Hits are exact: all their digits, as long as they fit.
std::string figure_text(double value) {
  return short_number(value, 10e6);
}

std::string span_text(const std::optional<reproduce::Span>& span) {
  if (!span) return "-";
  if (span->low == span->high) return figure_text(span->value);
  return fmt::format("{} ({}..{})", figure_text(span->value), figure_text(span->low),
                     figure_text(span->high));
}

std::string table_of(const reproduce::CommandPrediction& prediction) {
  std::vector<Column> columns{{"probe", Align::left, {}},    {"place", Align::left, {}},
                              {"by", Align::left, {}},       {"hits", Align::right, {}},
                              {"per hit", Align::right, {}}, {"overhead", Align::right, {}}};
  for (const auto& site : prediction.sites) {
    const auto& told = site.told;
    add_row(columns, {site.type, site.place, told.counted_by.empty() ? "-" : told.counted_by,
                      span_text(site.hits), span_text(site.cost), span_text(site.per_run)});
  }
  return layout(columns);
}

std::string reasons_of(const reproduce::CommandPrediction& prediction) {
  std::string text;
  for (const auto& site : prediction.sites) {
    if (site.reason.empty()) continue;
    text += wrapped("", named_reason(site), 2);
  }
  return text;
}

// The command itself failed: that is told in one line.
bool is_silent(const reproduce::CommandPrediction& prediction) {
  return prediction.told.status != CellStatus::measured &&
         std::ranges::all_of(prediction.sites, [](const auto& site) { return site.told.reason.empty(); });
}

std::string outlived_text(const PredictCounts& counts) {
  if (counts.outlived == 0) return {};
  return wrapped(
      "note: ",
      fmt::format("{} of the command's processes still ran when the command ended. They were ended, "
                  "and what they would have hit is not in the counts.",
                  counts.outlived),
      2);
}

// Of each second that passed, whether it ran or waited.
std::string share_of_process(std::int32_t process, const reproduce::Span& percent) {
  constexpr double kMsOfPercent = 10;
  return wrapped("",
                 fmt::format("Process {} would take {:.2f} ms more of each second with these probes armed "
                             "({:.2f} to {:.2f} ms), {:.3f} % of a CPU.",
                             process, percent.value * kMsOfPercent, percent.low * kMsOfPercent,
                             percent.high * kMsOfPercent, percent.value),
                 0);
}

std::string answer_of(ClockKind clock, const reproduce::CommandPrediction& prediction) {
  if (!prediction.overhead_percent) return "no answer: a figure is missing\n";
  const auto& percent = *prediction.overhead_percent;
  if (prediction.told.process != 0) return share_of_process(prediction.told.process, percent);
  return wrapped(
      "",
      fmt::format("A run of the command takes {} {}, and would take {:.2f} % more with these probes "
                  "armed ({:.2f} to {:.2f} %).",
                  span_text(prediction.base), info_of(clock).unit, percent.value, percent.low, percent.high),
      0);
}

// Real time has a rate: so much of each second, of the time that a run takes with the probes.
std::string share_of_cpu(const TargetInfo& target, const reproduce::CommandPrediction& prediction) {
  if (target.kind != "native" || !prediction.overhead_percent || prediction.told.process != 0) return {};
  const auto share = [](double percent) { return percent / (100 + percent); };
  const auto& percent = *prediction.overhead_percent;
  return wrapped(
      "",
      fmt::format(
          "That is {:.1f} ms of each second that it runs then ({:.1f} to {:.1f} ms), {:.2f} % of a CPU.",
          share(percent.value) * 1000, share(percent.low) * 1000, share(percent.high) * 1000,
          share(percent.value) * 100),
      0);
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

std::string named_reason(const reproduce::SitePrediction& site) {
  return fmt::format("{}:{}: {}", site.type, site.place, site.reason);
}

std::string prediction_text(const TargetInfo& target, const reproduce::CommandPrediction& prediction) {
  if (!target.clock || is_silent(prediction)) return {};
  return fmt::format("{}: {}\n", target.id, info_of(*target.clock).meaning) + table_of(prediction) +
         answer_of(*target.clock, prediction) + share_of_cpu(target, prediction) + reasons_of(prediction) +
         outlived_text(prediction.told);
}

}  // namespace probebench::text
