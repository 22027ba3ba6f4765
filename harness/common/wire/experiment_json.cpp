// SPDX-License-Identifier: MIT
#include "wire/experiment_json.h"

#include <stdexcept>

#include "wire/cost_members.h"
#include "wire/members.h"

namespace probebench::wire {

template <>
constexpr auto kMembers<SurfaceSetting> = std::tuple(member("jump", &SurfaceSetting::jump),
                                                     member("handler", &SurfaceSetting::handler),
                                                     member("work", &SurfaceSetting::work),
                                                     member("hits_per_op", &SurfaceSetting::hits_per_op),
                                                     member("probes", &SurfaceSetting::probes),
                                                     member("layout", &SurfaceSetting::layout));

template <>
constexpr auto kKind<ExperimentStep> = "step";
template <>
constexpr auto kMembers<ExperimentStep> = std::tuple(member("name", &ExperimentStep::name));

template <>
constexpr auto kKind<SurfacePoint> = "surface";
template <>
constexpr auto kMembers<SurfacePoint> =
    std::tuple(member("setting", &SurfacePoint::setting), member("state", &SurfacePoint::state),
               member("ops", &SurfacePoint::ops), member("handler_cost", &SurfacePoint::handler_cost),
               member("base_per_op", &SurfacePoint::base_per_op),
               member("armed_per_op", &SurfacePoint::armed_per_op), member("hits", &SurfacePoint::hits),
               member("status", &SurfacePoint::status), member<Text>("reason", &SurfacePoint::reason));

template <>
constexpr auto kKind<ControlStep> = "control-plane";
template <>
constexpr auto kMembers<ControlStep> = std::tuple(member("probe_type", &ControlStep::probe_type),
                                                  member("probes", &ControlStep::probes),
                                                  member("step", &ControlStep::step),
                                                  member("value", &ControlStep::value),
                                                  member("unit", &ControlStep::unit),
                                                  member("note", &ControlStep::note),
                                                  member("status", &ControlStep::status));

template <>
constexpr auto kKind<KretprobeMisses> = "kretprobe-misses";
template <>
constexpr auto kMembers<KretprobeMisses> = std::tuple(member("maxactive", &KretprobeMisses::maxactive),
                                                      member("concurrent", &KretprobeMisses::concurrent),
                                                      member("calls", &KretprobeMisses::calls),
                                                      member("hits", &KretprobeMisses::hits),
                                                      member("missed", &KretprobeMisses::missed),
                                                      member("status", &KretprobeMisses::status),
                                                      member<Text>("reason", &KretprobeMisses::reason));

template <>
constexpr auto kKind<TrapCost> = "trap";
template <>
constexpr auto kMembers<TrapCost> = std::tuple(member("trap", &TrapCost::kind),
                                               member("per_trap", &TrapCost::per_trap),
                                               member("hits", &TrapCost::hits),
                                               member("text", &TrapCost::text),
                                               member("status", &TrapCost::status),
                                               member<Text>("reason", &TrapCost::reason));

template <>
constexpr auto kMembers<StateHits> = std::tuple(member("state", &StateHits::state),
                                                member("prepared", &StateHits::prepared),
                                                member("sites", &StateHits::sites),
                                                member<Number>("hits_per_op", &StateHits::hits_per_op));

template <>
constexpr auto kMembers<SiteHits> = std::tuple(member("function", &SiteHits::function),
                                               member("state", &SiteHits::state),
                                               member("prepared", &SiteHits::prepared),
                                               member<Number>("hits_per_op", &SiteHits::hits_per_op));

template <>
constexpr auto kMembers<WorkloadRow> =
    std::tuple(member("mechanism", &WorkloadRow::mechanism), member("pruned", &WorkloadRow::pruned),
               member("sites", &WorkloadRow::sites), member("base_per_op", &WorkloadRow::base_per_op),
               member("armed_per_op", &WorkloadRow::armed_per_op), member("hits", &WorkloadRow::hits),
               member("states", &WorkloadRow::states), member("by_site", &WorkloadRow::by_site),
               member("status", &WorkloadRow::status), member<Text>("reason", &WorkloadRow::reason));

template <>
constexpr auto kKind<Workload> = "workload";
template <>
constexpr auto kMembers<Workload> =
    std::tuple(member("name", &Workload::id), member("suite", &Workload::suite),
               member("handler", &Workload::handler), member("operations", &Workload::operations),
               member("base_after", &Workload::base_after), member("rows", &Workload::rows),
               member("status", &Workload::status), member<Text>("reason", &Workload::reason));

template <>
constexpr auto kMembers<Refusal> = std::tuple(member("reason", &Refusal::reason),
                                              member("count", &Refusal::count));

template <>
constexpr auto kKind<Suite> = "suite";
template <>
constexpr auto kMembers<Suite> = std::tuple(member("name", &Suite::name),
                                            member("functions", &Suite::functions),
                                            member("probed", &Suite::probed),
                                            member("optimizable", &Suite::optimizable),
                                            member("refusals", &Suite::refusals),
                                            member("not_optimizable", &Suite::not_optimizable));

template <>
constexpr auto kKind<PrunedSuite> = "pruned";
template <>
constexpr auto kMembers<PrunedSuite> = std::tuple(
    member("suite", &PrunedSuite::suite), member("mechanism", &PrunedSuite::mechanism),
    member("line_percent", &PrunedSuite::line_percent), member("workloads", &PrunedSuite::workloads),
    member("left_out", &PrunedSuite::left_out), member("sets", &PrunedSuite::sets),
    member("status", &PrunedSuite::status), member<Text>("note", &PrunedSuite::note));

template <>
constexpr auto kMembers<FilePoint> = std::tuple(member("offset", &FilePoint::offset),
                                                member("semaphore", &FilePoint::semaphore));

template <>
constexpr auto kMembers<PredictSite> = std::tuple(member("probe_type", &PredictSite::probe_type),
                                                  member("place", &PredictSite::place),
                                                  member<Text>("module", &PredictSite::module),
                                                  member("name", &PredictSite::name),
                                                  member("offset", &PredictSite::offset),
                                                  member("points", &PredictSite::points));

template <>
constexpr auto kMembers<SiteCount> = std::tuple(spread(&SiteCount::site),
                                                member("counted_by", &SiteCount::counted_by),
                                                member("hits", &SiteCount::hits),
                                                member("status", &SiteCount::status),
                                                member<Text>("reason", &SiteCount::reason));

template <>
constexpr auto kMembers<OwnCount> = std::tuple(member("probe", &OwnCount::probe),
                                               member("counted_by", &OwnCount::counted_by),
                                               member("hits", &OwnCount::hits),
                                               member("missed", &OwnCount::missed));

template <>
constexpr auto kKind<PredictCounts> = "predict";
template <>
constexpr auto kMembers<PredictCounts> = std::tuple(member("sites", &PredictCounts::sites),
                                                    member("own", &PredictCounts::own),
                                                    member("process", &PredictCounts::process),
                                                    member("base", &PredictCounts::base),
                                                    member("outlived", &PredictCounts::outlived),
                                                    member("status", &PredictCounts::status),
                                                    member<Text>("reason", &PredictCounts::reason));

template <>
constexpr auto kMembers<SuiteGroup> = std::tuple(member("workloads", &SuiteGroup::workloads),
                                                 member("functions", &SuiteGroup::functions));

// The summary is the host's.
template <>
constexpr auto kMembers<SuitePlan> = std::tuple(member("name", &SuitePlan::name),
                                                member("handler", &SuitePlan::handler),
                                                member("prune", &SuitePlan::prune),
                                                member("groups", &SuitePlan::groups));

template <>
constexpr auto kMembers<WorkloadPlan> = std::tuple(
    member("suites", &WorkloadPlan::suites), member("mechanisms", &WorkloadPlan::mechanisms),
    member("rounds", &WorkloadPlan::rounds), member("line_percent", &WorkloadPlan::line_percent),
    member("command", &WorkloadPlan::command), member("command_timeout_s", &WorkloadPlan::command_timeout_s));

template <>
constexpr auto kMembers<PredictPlan> = std::tuple(member("sites", &PredictPlan::sites),
                                                  member("own_probe", &PredictPlan::own_probe),
                                                  member("command", &PredictPlan::command),
                                                  member("process", &PredictPlan::process),
                                                  member("window_ms", &PredictPlan::window_ms),
                                                  member("timeout_s", &PredictPlan::timeout_s),
                                                  member("runs", &PredictPlan::runs));

template <>
constexpr auto kMembers<ExperimentPlan> =
    std::tuple(member("surface", &ExperimentPlan::surface),
               member("kretprobe_misses", &ExperimentPlan::kretprobe_misses),
               member("traps", &ExperimentPlan::traps), member("workloads", &ExperimentPlan::workloads),
               member("predict", &ExperimentPlan::predict), member("cost", &ExperimentPlan::cost));

template <>
constexpr auto kMembers<Plan> = std::tuple(member("cells", &Plan::cells), member("rounds", &Plan::rounds),
                                           member("seed", &Plan::seed), member("clock", &Plan::clock),
                                           member("paths", &Plan::paths),
                                           member("benchmark_args", &Plan::benchmark_args),
                                           member("experiment", &Plan::experiment));

Json json_of_surface_setting(const SurfaceSetting& setting) {
  return Form<SurfaceSetting>::put(setting);
}

Json json_of_state_hits(const StateHits& hits) {
  return Form<StateHits>::put(hits);
}

Json json_of_site_hits(const SiteHits& hits) {
  return Form<SiteHits>::put(hits);
}

Json json_of_hit_count(const HitCount& hits) {
  return Form<HitCount>::put(hits);
}

Json json_of_suite(const Suite& suite) {
  return Form<Suite>::put(suite);
}

Json json_of_experiment(const ExperimentRecord& record) {
  return json_of_kinds("kind", record);
}

ExperimentRecord experiment_from(const Json& value) {
  ExperimentRecord record;
  if (take_kinds("kind", value, record)) return record;
  throw std::out_of_range("experiment of unknown kind '" + value.at("kind").get<std::string>() + "'");
}

std::string encode_plan(const Plan& plan) {
  return Form<Plan>::put(plan).dump();
}

Result<Plan> decode_plan(std::string_view text) {
  try {
    const auto plan = Form<Plan>::take(Json::parse(text));
    for (const auto& cell : plan.cells) {
      if (find_placement(cell.probe_type, cell.driver, cell.site) == nullptr)
        throw std::out_of_range("no placement for " + cell.name());
    }
    return plan;
  } catch (const std::exception& error) {
    return Error{Fault::infra, std::string("unreadable plan: ") + error.what(), 0, {}};
  }
}

}  // namespace probebench::wire
