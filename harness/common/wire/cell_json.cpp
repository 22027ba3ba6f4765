// SPDX-License-Identifier: MIT
#include "wire/cell_json.h"

#include <algorithm>

#include "stats/summarise.h"
#include "wire/members.h"

namespace probebench::wire {

template <>
constexpr auto kMembers<Environment> = std::tuple(member("tsc_khz", &Environment::tsc_khz),
                                                  member("capabilities", &Environment::capabilities),
                                                  member("facts", &Environment::facts));

template <>
constexpr auto kMembers<Metric> = std::tuple(member<Number>("value", &Metric::value),
                                             member("class", &Metric::metric_class),
                                             member<Number>("low", &Metric::low),
                                             member<Number>("high", &Metric::high),
                                             member<Number>("spread", &Metric::spread),
                                             member<Number>("low_quantile", &Metric::low_quantile),
                                             member("n", &Metric::n), member<Text>("note", &Metric::note));

template <>
constexpr auto kMembers<ThreadHits> = std::tuple(member("cpu", &ThreadHits::cpu),
                                                 member("hits", &ThreadHits::hits));

template <>
constexpr auto kMembers<Window> = std::tuple(
    member("calls", &Window::calls), member("ticks", &Window::ticks), member("cycles", &Window::cycles),
    member("instructions", &Window::instructions), member("hits", &Window::hits),
    member("hits_elsewhere", &Window::hits_elsewhere), member("missed", &Window::missed),
    member("cpu", &Window::cpu), member("by_thread", &Window::by_thread), member("overrun", &Window::overrun),
    member("context_switches", &Window::context_switches), member("migrated", &Window::migrated),
    member("interrupted", &Window::interrupted), member<SiteBytes>("site_before", &Window::site_before),
    member<SiteBytes>("site_after", &Window::site_after));

template <>
constexpr auto kMembers<WindowPair> = std::tuple(member("n", &WindowPair::n),
                                                 member("twice_n", &WindowPair::twice_n));

template <>
constexpr auto kMembers<Round> = std::tuple(member("baseline_first", &Round::baseline_first),
                                            member("baseline", &Round::baseline),
                                            member("armed", &Round::armed), member("verify", &Round::verify),
                                            member<Maybe<Number>>("ticks_per_core_clock",
                                                                  &Round::ticks_per_core_clock, kLater));

// Left out where it is x86-64: files of earlier versions have no other.
struct ArchOfEvidence {
  void put(Json& json, const Evidence& evidence) const {
    if (evidence.arch != ArchId::x86_64) json["arch"] = Form<ArchId>::put(evidence.arch);
  }
  void take(const Json& json, Evidence& evidence) const {
    evidence.arch = json.contains("arch") ? Form<ArchId>::take(json.at("arch")) : ArchId::x86_64;
  }
};

template <>
constexpr auto kMembers<Crowd> = std::tuple(member("functions", &Crowd::functions),
                                            member("attach_ticks", &Crowd::attach_ticks));

template <>
constexpr auto kMembers<Evidence> = std::tuple(
    ArchOfEvidence{}, member("state", &Evidence::state), member<Text>("decoded", &Evidence::decoded),
    member("before", &Evidence::before), member("armed", &Evidence::armed), member("after", &Evidence::after),
    member("slot", &Evidence::slot), member("detour", &Evidence::detour),
    member<Text>("kernel_flags", &Evidence::kernel_flags), member<Text>("link", &Evidence::link),
    group("flags", member("emulated", &Evidence::emulated), member("boostable", &Evidence::boostable),
          member("optimized", &Evidence::optimized_flag), member("ftrace", &Evidence::ftrace_flag),
          member("prepared", &Evidence::prepared), member("breakpoint", &Evidence::breakpoint),
          member("in_own_list", &Evidence::in_own_list, kLater)),
    group("addresses", member<Address>("site", &Evidence::site_address),
          member<Address>("slot", &Evidence::slot_address),
          member<Address>("detour", &Evidence::detour_address)),
    member("slots_held", &Evidence::slots_held, kLater), member("crowd", &Evidence::crowd, kLater),
    member("missed", &Evidence::missed));

// What is raw of it; put_head() and put_figures() have the rest.
template <>
constexpr auto kMembers<CellResult> = std::tuple(member("evidence", &CellResult::evidence),
                                                 group("rest", member("before", &CellResult::rest_before),
                                                       member("after", &CellResult::rest_after)),
                                                 member("samples", &CellResult::rounds));

template <>
constexpr auto kMembers<ArmedSource> = std::tuple(member("sha256", &ArmedSource::sha256),
                                                  member("versions", &ArmedSource::versions));

namespace {

using MaybeMetric = Maybe<Form<Metric>>;
using MaybeNumber = Maybe<Number>;
using MaybeWindow = Maybe<Form<Window>>;

Json json_of_failure(const CellResult& result) {
  if (result.step.empty() && result.err == 0) return nullptr;
  return {{"step", json_of_text(result.step)}, {"errno", result.err}};
}

Json json_of_lacking(const CellResult& result) {
  if (result.capability.empty() && result.provided_by.empty()) return nullptr;
  return {{"capability", json_of_text(result.capability)}, {"provided_by", json_of_text(result.provided_by)}};
}

stats::HitTally tally_of(const CellResult& result) {
  if (!result.hits) return stats::tally_hits(result.rounds);
  stats::HitTally tally;
  tally.expected = result.hits->expected;
  tally.counted = result.hits->counted;
  tally.missed = result.hits->missed;
  return tally;
}

Json json_of_hits(const CellResult& result) {
  if (result.rounds.empty()) return nullptr;
  const auto tally = tally_of(result);
  Json per_cpu = Json::object();
  for (const auto& [cpu, hits] : tally.per_cpu) per_cpu[std::to_string(cpu)] = hits;
  return {{"expected", tally.expected},
          {"counted", tally.counted},
          {"elsewhere", tally.elsewhere},
          {"missed", tally.missed},
          {"per_cpu", per_cpu}};
}

// An external cell has words of its own in the same members.
void put_identity(Json& json, const Cell& cell) {
  if (!cell.external) return put_members(json, cell);
  json["probe_type"] = kExternalType;
  json["driver"] = kExternalDriver;
  json["site"] = info_of(cell.external->workload).name;
  json["handler"] = cell.external->handler();
  json["threads"] = cell.threads;
}

ExternalProbe external_from(const Json& value) {
  const auto handler = value.at("handler").get<std::string>();
  const auto colon = std::min(handler.find(':'), handler.size() - 1);
  return {.source = id_from(kProbeSources, handler.substr(0, colon)),
          .name = handler.substr(colon + 1),
          .workload = id_from(kWorkloads, value.at("site"))};
}

void take_identity(const Json& value, Cell& cell) {
  if (value.at("probe_type") != kExternalType) return take_members(value, cell);
  cell.external = external_from(value);
  cell.threads = whole_from<std::uint32_t>(value.at("threads"));
}

// What a person looks for first: identity, outcome, figures.
void put_head(Json& json, const CellRecord& record) {
  const auto& [target, result, summary] = record;
  json["name"] = result.cell.name();
  json["target"] = target;
  put_identity(json, result.cell);
  if (result.armed) json["external"] = Form<ArmedSource>::put(*result.armed);
  json["status"] = name_of(result.status);
  json["reason"] = json_of_text(result.reason);
  json["failure"] = json_of_failure(result);
  json["lacking"] = json_of_lacking(result);
}

void put_figures(Json& json, const CellRecord& record) {
  const auto& [target, result, summary] = record;
  for (const auto& field : kMetrics) {
    json["metrics"][std::string(field.name)] = MaybeMetric::put(summary.*field.member);
  }
  json["no_metric_reason"] = json_of_text(summary.no_metric_reason);
  json["baseline"] = {{"per_call", MaybeMetric::put(summary.baseline_per_call)},
                      {"fixed", MaybeNumber::put(summary.baseline_fixed)}};
  json["cold_hit"] = {{"overhead", MaybeNumber::put(summary.cold_hit)},
                      {"window", MaybeWindow::put(result.cold_hit)},
                      {"baseline", MaybeWindow::put(result.cold_baseline)}};
  json["hits"] = json_of_hits(result);
}

void read_cell_outcome(CellResult& result, const Json& value) {
  result.status = Form<CellStatus>::take(value.at("status"));
  result.reason = text_from(value.at("reason"));
  if (const Json& failure = value.at("failure"); !failure.is_null()) {
    result.step = text_from(failure.at("step"));
    result.err = failure.at("errno").get<int>();
  }
  if (const Json& lacking = value.at("lacking"); !lacking.is_null()) {
    result.capability = text_from(lacking.at("capability"));
    result.provided_by = text_from(lacking.at("provided_by"));
  }
}

Summary summary_from(const Json& cell) {
  Summary summary;
  const Json& metrics = cell.at("metrics");
  for (const auto& field : kMetrics) {
    const std::string name(field.name);
    if (field.later && !metrics.contains(name)) continue;
    summary.*field.member = MaybeMetric::take(metrics.at(name));
  }
  summary.baseline_per_call = MaybeMetric::take(cell.at("baseline").at("per_call"));
  summary.baseline_fixed = MaybeNumber::take(cell.at("baseline").at("fixed"));
  summary.cold_hit = MaybeNumber::take(cell.at("cold_hit").at("overhead"));
  summary.no_metric_reason = text_from(cell.at("no_metric_reason"));
  return summary;
}

}  // namespace

Json json_of_cell(const CellRecord& record) {
  Json json;
  put_head(json, record);
  put_figures(json, record);
  put_members(json, record.result);
  return json;
}

CellRecord cell_from(const Json& value) {
  CellRecord record;
  record.target = value.at("target").get<std::string>();
  auto& result = record.result;
  take_identity(value, result.cell);
  if (result.cell.external) {
    result.armed = Maybe<Form<ArmedSource>>::take(value.value("external", Json(nullptr)));
    result.hits = Maybe<Form<HitCount>>::take(value.at("hits"));
  }
  read_cell_outcome(result, value);
  take_members(value, result);
  result.cold_hit = MaybeWindow::take(value.at("cold_hit").at("window"));
  result.cold_baseline = MaybeWindow::take(value.at("cold_hit").at("baseline"));
  record.summary = summary_from(value);
  return record;
}

Json json_of_environment(const Environment& environment) {
  return Form<Environment>::put(environment);
}

Environment environment_from(const Json& value) {
  return Form<Environment>::take(value);
}

}  // namespace probebench::wire
