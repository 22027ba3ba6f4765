// SPDX-License-Identifier: MIT
#include "text/cost_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/text.h"
#include "model/noise_advice.h"
#include "text/text.h"

namespace probebench::text {
namespace {

constexpr std::size_t kLabel = 13;  // columns
constexpr std::size_t kSitesShown = 8;
constexpr std::size_t kPartsShown = 7;
constexpr char kHeldBlank = '\x1f';
constexpr std::size_t kFewestEvents = 20;  // for a reader's CPU time to say anything

std::string line(std::string_view label, std::string_view text) {
  return wrapped(fmt::format("{:<{}}", label, kLabel), text, kLabel);
}

std::string counted_text(const cost::CostFigures& figures) {
  const auto certainty = figures.exact() ? std::string("exact")
                                         : fmt::format("rounds differ by {}", number_text(figures.spread));
  return fmt::format("{} insns, {}", number_text(figures.per_hit), certainty);
}

std::string timed_text(const cost::HitTime& time) {
  auto figure = fmt::format("{} {}", interval_text(time.figure), time.unit);
  if (!is_too_noisy(time.figure)) return figure;
  return fmt::format("too noisy: {} ({})", figure, see(NoiseAdvice::too_noisy));
}

// An operation of ours that is taken whole is no program's run.
bool is_own(const ProbeCost& cost) {
  return cost.workload != WorkloadId::command;
}

std::string per_hit_text(const cost::TargetCost& told, const cost::CostFigures& figures) {
  const auto& cost = told.cost;
  const auto share = signed_percent(figures.per_hit / figures.base);
  const auto scaled = [&](double ticks) {
    return told.time ? std::round(ticks * told.time->per_tick) : ticks;
  };
  const auto* what = cost.operation == CostOperation::run ? (is_own(cost) ? "per op" : "per run")
                     : cost.hits.size() == 1              ? "per hit"
                                                          : "per call";
  const auto* operation =
      cost.operation == CostOperation::marked ? "operation" : info_of(cost.workload).name.data();
  return line(
      what,
      fmt::format("{}; {} {} -> {} ({})", told.time ? timed_text(*told.time) : counted_text(figures),
                  operation, number_text(scaled(figures.base)), number_text(scaled(figures.armed)), share));
}

std::string interrupts_text(double per_op) {
  if (per_op == 0) return {};
  return line("interrupts",
              fmt::format("{} for each operation, raised by the probe to wake its reader: part of the "
                          "figure",
                          number_text(per_op)));
}

std::string armings_text(std::uint32_t armings) {
  if (armings == 1) return {};
  return line("armed again",
              "what the first arming since the boot left behind in the kernel is in both figures");
}

std::string hits_text(const ProbeCost& cost) {
  std::string text;
  for (const auto& one : cost.hits) {
    text += line(text.empty() ? "hits" : "",
                 fmt::format("{} of {} operations, {} missed: {} ({})", one.hits.counted, one.hits.expected,
                             one.hits.missed, one.probe, one.counted_by));
  }
  return text;
}

// A run hits the probe as often as it does.
std::string hits_of_run_text(const ProbeCost& cost, const cost::CostFigures& figures) {
  std::string text;
  for (const auto& one : cost.hits) {
    text += line(text.empty() ? "hits" : "",
                 fmt::format("{} in {} {}{}, {} missed: {} ({})", one.hits.counted, cost.armed_operations,
                             is_own(cost) ? "operation" : "run", cost.armed_operations == 1 ? "" : "s",
                             one.hits.missed, one.probe, one.counted_by));
  }
  if (cost.hits.size() != 1 || cost.hits.front().hits.counted == 0) return text;
  const auto hits_of_run = static_cast<double>(cost.hits.front().hits.counted) / cost.armed_operations;
  return text + line("per hit",
                     fmt::format("about {} insns", number_text(std::round(figures.per_hit / hits_of_run))));
}

std::string bytes_text(const Bytes& bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, " "));
}

std::string site_text(const ArmedText& site) {
  const auto* restored = site.after == site.before ? "restored after" : "NOT restored";
  return fmt::format("{}: {}, {}, {}", site.place, info_of(site.arming).name, bytes_text(site.armed),
                     restored);
}

bool is_in_passing(const ArmedText& site) {
  return site.arming == SiteArming::static_key || site.arming == SiteArming::led_elsewhere;
}

// What hangs on tracepoints is in no text: only the switch is.
std::vector<std::string> attached_to(const ProbeCost& cost) {
  std::vector<std::string> places;
  for (const auto& site : cost.sites) {
    if (!is_in_passing(site)) places.push_back(site_text(site));
  }
  for (const auto& [listing, told] : cost.listed) {
    if (listing != kTracepointListing) continue;
    const auto name = told.substr(0, told.find(' '));
    places.push_back(
        fmt::format("tracepoint {}: {}", name, told.substr(std::min(name.size() + 1, told.size()))));
  }
  return places;
}

// Switches that arming turned in passing come last, as a number.
std::string sites_text(const ProbeCost& cost) {
  std::string text;
  std::size_t shown = 0;
  const auto in_passing = std::ranges::count_if(cost.sites, is_in_passing);
  for (const auto& place : attached_to(cost)) {
    if (++shown <= kSitesShown) text += line(shown == 1 ? "attached" : "", place);
  }
  if (shown > kSitesShown) text += line("", fmt::format("and {} places more", shown - kSitesShown));
  if (in_passing > 0) {
    text += line(shown == 0 ? "attached" : "",
                 fmt::format("and {} switch{} in passing", in_passing, in_passing == 1 ? "" : "es"));
  }
  return text;
}

std::string statistics_text(const cost::CostFigures& figures) {
  if (!figures.bpf_stats) return {};
  return line("bpf_stats",
              fmt::format("would say {}: it times the program alone, not how the kernel gets there "
                          "and back",
                          number_text(*figures.bpf_stats)));
}

std::string reader_text(const ReaderCost& reader, const char* unit) {
  if (reader.events < kFewestEvents || reader.cpu_ns == 0) return {};
  return line("reader", fmt::format("about {} {} for each event in the tool itself, not in the caller",
                                    short_number(static_cast<double>(reader.cpu_ns) /
                                                 static_cast<double>(reader.events)),
                                    unit));
}

// By function where the user has no code of his own in the path.
std::vector<cost::PathPart> shown_parts(const cost::HandlerPath& path) {
  if (path.has_program()) return path.parts;
  std::vector<cost::PathPart> parts;
  for (const auto& row : path.functions) {
    parts.push_back({row.function, static_cast<double>(row.instructions)});
  }
  std::ranges::stable_sort(parts, std::greater<>(), &cost::PathPart::instructions);
  return parts;
}

// Without the owner of a function, and in one piece however the line is wrapped.
std::string part_text(std::string_view name, double instructions) {
  auto text = fmt::format("{} {}", name.substr(0, name.find(" [")), number_text(instructions));
  std::ranges::replace(text, ' ', kHeldBlank);
  return text;
}

std::string where_text(const cost::HandlerPath& path) {
  std::vector<std::string> texts;
  double others = 0;
  for (const auto& [name, instructions] : shown_parts(path)) {
    if (texts.size() == kPartsShown) {
      others += instructions;
    } else {
      texts.push_back(part_text(name, instructions));
    }
  }
  if (others != 0) texts.push_back(part_text("others", others));
  const auto rare = std::ranges::find(path.parts, cost::kRarePart, &cost::PathPart::name);
  const bool told = path.has_program() || rare == path.parts.end();
  if (!told) texts.push_back(part_text(rare->name, rare->instructions));
  auto text = line("where", fmt::format("{}", fmt::join(texts, " · ")));
  std::ranges::replace(text, kHeldBlank, ' ');
  return text;
}

}  // namespace

std::string cost_text(const cost::TargetCost& told) {
  const auto& cost = told.cost;
  std::string text = line("target", told.target);
  for (const auto& one : cost.armed) text += line(&one == cost.armed.data() ? "armed" : "", one);
  const auto figures = cost::figures_of(cost);
  if (figures) {
    text +=
        per_hit_text(told, *figures) + armings_text(cost.armings) + interrupts_text(cost.interrupts_per_op);
  } else {
    text += line(std::string(name_of(cost.status)), cost.reason);
  }
  text +=
      figures && cost.operation == CostOperation::run ? hits_of_run_text(cost, *figures) : hits_text(cost);
  text += sites_text(cost);
  if (figures) text += statistics_text(*figures) + reader_text(cost.reader, told.time ? "ns" : "insns");
  if (told.path) text += where_text(*told.path);
  return text;
}

}  // namespace probebench::text
