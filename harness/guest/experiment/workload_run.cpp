// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/stop.h"
#include "experiment/experiments.h"
#include "experiment/pruning.h"
#include "experiment/suite_members.h"
#include "stats/robust.h"

namespace probebench::experiment {
namespace {

// A set that is still above the line then stays so.
constexpr std::uint32_t kMostSets = 5;

class SuiteRun {
 public:
  SuiteRun(const WorkloadPlan& plan, const SuitePlan& suite, const ExperimentContext& context)
      : plan_(plan), suite_(suite), context_(context) {}

  bool run() {
    std::set<std::string> named;
    for (const auto& group : suite_.groups) named.insert(group.functions.begin(), group.functions.end());
    told_.name = suite_.name;
    told_.functions = static_cast<std::uint32_t>(named.size());
    table_ = kernel::find_kernel_functions(symbols_wanted({named.begin(), named.end()}));
    for (const auto& group : suite_.groups) run_group(group);
    finish_suite();
    return fine_;
  }

 private:
  void run_group(const SuiteGroup& group) {
    SuiteMembers members(plan_, suite_, group);
    SuiteSites sites;
    if (table_) sites = find_sites(group.functions, *table_);
    refusals_.insert(sites.refusals.begin(), sites.refusals.end());
    for (const auto mechanism : plan_.mechanisms) {
      step(group, info_of(mechanism).name);
      measure_set(mechanism, sites, 0, members);
      if (plan_.prunes(suite_, mechanism)) prune(group, mechanism, sites, members);
    }
    step(group, "last baseline");
    for (auto& member : members.all()) {
      members.end(member);
      note(member.told.status);
      context_.tell(std::move(member.told));
    }
  }

  void step(const SuiteGroup& group, std::string_view what) const {
    const auto of = group.workloads.size() == 1
                        ? fmt::format("{} {}", suite_.name, info_of(group.workloads.front()).name)
                        : suite_.name;
    context_.tell(ExperimentStep{fmt::format("{}: {}", of, what)});
  }

  void measure_set(SuiteMechanism mechanism, const SuiteSites& sites, std::uint32_t pruned,
                   SuiteMembers& members) {
    const auto obstacle = why_not(mechanism);
    members.begin_rows({.mechanism = mechanism, .pruned = pruned}, !obstacle);
    auto armed = obstacle ? Result<std::unique_ptr<ArmedSuite>>(*obstacle)
                          : arm_suite(*context_.control, mechanism, sites);
    if (armed) {
      if (pruned == 0) note_sites(mechanism, **armed);
      members.measure(**armed);
    } else {
      members.fail_rows(armed.error());
    }
    for (const auto& member : members.all()) {
      if (member.rig) note(member.row().status);
    }
  }

  // Leaves sites out, and measures what is left, until every workload is below the line.
  void prune(const SuiteGroup& group, SuiteMechanism mechanism, const SuiteSites& sites,
             SuiteMembers& members) {
    PrunedSuite told{.suite = suite_.name,
                     .mechanism = mechanism,
                     .line_percent = plan_.line_percent,
                     .workloads = group.workloads};
    Pruning pruning(plan_.line());
    const auto name = fmt::format("{}, pruned", info_of(mechanism).name);
    step(group, name);
    begin_pruning(mechanism, pruning, told, members);
    while (told.status == CellStatus::measured && goes_on(pruning, told)) {
      if (++told.sets > 1) step(group, name);
      told.left_out = pruning.left_out();
      const auto kept = sites.without(told.left_out);
      if (kept.sites.empty()) break;
      measure_set(mechanism, kept, told.sets, members);
      take_overheads(pruning, told, members);
    }
    note(told.status);
    context_.tell(std::move(told));
  }

  void begin_pruning(SuiteMechanism mechanism, Pruning& pruning, PrunedSuite& told, SuiteMembers& members) {
    told.status = CellStatus::skipped;
    for (const auto& member : members.all()) {
      if (!member.measured()) {
        if (member.rig) told.note = member.row().reason;
        continue;
      }
      told.status = CellStatus::measured;
      pruning.add(member.told.id, shares_of(mechanism, member.row()));
    }
    if (told.status != CellStatus::measured) return;
    told.note.clear();
    take_overheads(pruning, told, members);
  }

  // What hits at each site cost an operation, by the cells that measured such a hit; of a hit that none did,
  // what the workload's hits cost on average.
  SiteShares shares_of(SuiteMechanism mechanism, const WorkloadRow& row) const {
    const double base = stats::median(row.base_per_op);
    double hits = 0;
    for (const auto& site : row.by_site) hits += site.hits_per_op;
    const double average = hits > 0 ? (stats::median(row.armed_per_op) - base) / hits : 0;
    SiteShares shares;
    for (const auto& site : row.by_site) {
      const auto cost =
          stats::cost_of_hit(context_.costs, {mechanism, site.state, site.prepared}, suite_.handler);
      shares[site.function] = site.hits_per_op * cost.value_or(average) / base;
    }
    return shares;
  }

  // The rows' overheads, each between two baselines.
  static void take_overheads(Pruning& pruning, PrunedSuite& told, SuiteMembers& members) {
    for (auto& member : members.all()) {
      if (!member.rig || !pruning.knows(member.told.id)) continue;
      if (member.measured() && members.look_ahead(member)) {
        pruning.take(member.told.id, member.overhead());
      } else {
        told.status = CellStatus::invalid;
        told.note = fmt::format("{} was not measured with every set", info_of(member.told.id).name);
      }
    }
  }

  // False: all are below the line, or what is above it stays there.
  static bool goes_on(Pruning& pruning, PrunedSuite& told) {
    const auto above = pruning.above();
    if (above.empty()) return false;
    if (told.sets < kMostSets && pruning.choose()) return true;
    std::string names;
    for (const auto id : above) names += fmt::format(" {}", info_of(id).name);
    told.note = fmt::format("still above the line after {} sets:{}", told.sets, names);
    return false;
  }

  std::optional<Error> why_not(SuiteMechanism mechanism) const {
    if (!table_) return table_.error();
    if (mechanism == SuiteMechanism::fentry) {
      return lacking(Capability::bpf_trampoline);
    }
    if (mechanism == SuiteMechanism::optimized) return lacking(Capability::optprobes);
    if (mechanism == SuiteMechanism::ftrace) return lacking(Capability::ftrace);
    if (mechanism == SuiteMechanism::stepped && !context_.offer.has(Capability::int3_boost)) {
      return Error{
          Fault::unsupported, "kprobe-unoptimized is stepped already: this kernel does not boost", 0, {}};
    }
    return lacking(Capability::kprobes);
  }

  std::optional<Error> lacking(Capability capability) const {
    if (context_.offer.has(capability)) return std::nullopt;
    return context_.offer.why_not(capability);
  }

  void note_sites(SuiteMechanism mechanism, const ArmedSuite& armed) {
    if (!info_of(mechanism).past_entry) return;
    refusals_.insert(armed.refusals().begin(), armed.refusals().end());
    for (const auto& site : armed.sites()) probed_.insert(site.function);
    if (mechanism != SuiteMechanism::optimized) return;
    for (const auto& site : armed.sites()) {
      const bool jump = site.state == ProbeState::optimized;
      if (!jump) not_optimized_[site.function] = why_no_jump(site);
      if (jump) jumps_.insert(site.function);
    }
  }

  static std::string why_no_jump(const ArmedSite& site) {
    if (!site.obstacle.empty()) return site.obstacle;
    if (site.prepared) return "prepared, but not patched in time";
    return "the kernel refused; the text does not say why (an exception table entry is one cause)";
  }

  static std::vector<Refusal> counted(const std::map<std::string, std::string>& reasons) {
    std::map<std::string, std::uint32_t> counts;
    for (const auto& [function, reason] : reasons) ++counts[reason];
    std::vector<Refusal> refusals;
    for (const auto& [reason, count] : counts) refusals.push_back({reason, count});
    std::ranges::stable_sort(refusals, std::greater(), &Refusal::count);
    return refusals;
  }

  void finish_suite() {
    told_.probed = static_cast<std::uint32_t>(probed_.size());
    told_.optimizable = static_cast<std::uint32_t>(jumps_.size());
    told_.refusals = counted(refusals_);
    told_.not_optimizable = counted(not_optimized_);
    context_.tell(told_);
  }

  void note(CellStatus status) {
    if (status == CellStatus::errored || status == CellStatus::invalid) fine_ = false;
  }

  const WorkloadPlan& plan_;
  const SuitePlan& suite_;
  const ExperimentContext& context_;
  Result<kernel::FunctionTable> table_ = kernel::FunctionTable{};
  std::map<std::string, std::string> refusals_;       // by function
  std::map<std::string, std::string> not_optimized_;  // by function: probed, but no jump
  std::set<std::string> probed_;
  std::set<std::string> jumps_;
  Suite told_;
  bool fine_ = true;
};

void skip_suite(const SuitePlan& suite, const ExperimentContext& context) {
  for (const auto& group : suite.groups) {
    for (const auto id : group.workloads) {
      Workload skipped{.id = id, .suite = suite.name, .handler = suite.handler};
      fail(skipped, context.offer.why_not(Capability::helper_module));
      context.tell(std::move(skipped));
    }
  }
}

}  // namespace

bool run_workloads(const WorkloadPlan& plan, const ExperimentContext& context) {
  bool fine = true;
  for (const auto& suite : plan.suites) {
    if (stop_requested()) return false;
    if (context.control == nullptr) {
      skip_suite(suite, context);
    } else {
      fine = SuiteRun(plan, suite, context).run() && fine;
    }
  }
  return fine;
}

}  // namespace probebench::experiment
