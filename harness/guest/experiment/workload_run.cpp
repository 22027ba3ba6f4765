// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/stop.h"
#include "experiment/experiments.h"
#include "experiment/workload_rig.h"

namespace probebench::experiment {
namespace {

constexpr CellStatus status_of(const Error& error) {
  return error.fault == Fault::unsupported ? CellStatus::skipped : CellStatus::errored;
}

template <typename Record>
void fail(Record& record, const Error& error) {
  record.status = status_of(error);
  record.reason = error.message();
}

// A workload of a group: what runs it, and what is told of it.
struct Member {
  std::optional<WorkloadRig> rig;  // absent: it cannot run here
  Workload told;
};

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
    std::vector<Member> members;
    for (const auto id : group.workloads) members.push_back(begin_member(id));
    SuiteSites sites;
    if (table_) sites = find_sites(group.functions, *table_);
    refusals_.insert(sites.refusals.begin(), sites.refusals.end());
    for (const auto mechanism : plan_.mechanisms) {
      step(group, info_of(mechanism).name);
      run_mechanism(mechanism, sites, members);
    }
    step(group, "last baseline");
    for (auto& member : members) end_member(member);
  }

  void step(const SuiteGroup& group, std::string_view what) const {
    const auto of = group.workloads.size() == 1
                        ? fmt::format("{} {}", suite_.name, info_of(group.workloads.front()).name)
                        : suite_.name;
    context_.tell(ExperimentStep{fmt::format("{}: {}", of, what)});
  }

  Member begin_member(WorkloadId id) const {
    Member member;
    member.told = {
        .id = id, .suite = suite_.name, .handler = suite_.handler, .operations = info_of(id).operations};
    auto rig = WorkloadRig::make(id, {plan_.command, std::chrono::seconds(plan_.command_timeout_s)});
    if (!rig) {
      fail(member.told, rig.error());
      return member;
    }
    member.rig.emplace(std::move(*rig));
    return member;
  }

  void end_member(Member& member) {
    if (member.rig) {
      auto base = member.rig->time(plan_.rounds);
      if (base) {
        member.told.base_after = std::move(*base);
        member.told.status = CellStatus::measured;
      } else {
        fail(member.told, base.error());
      }
    }
    note(member.told.status);
    context_.tell(std::move(member.told));
  }

  void run_mechanism(SuiteMechanism mechanism, const SuiteSites& sites, std::vector<Member>& members) {
    const auto obstacle = why_not(mechanism);
    for (auto& member : members) {
      if (member.rig) begin_row(mechanism, !obstacle, member);
    }
    auto armed = obstacle ? Result<std::unique_ptr<ArmedSuite>>(*obstacle)
                          : arm_suite(*context_.control, mechanism, sites);
    for (auto& member : members) {
      if (!member.rig) continue;
      if (!armed) fail(member.told.rows.back(), armed.error());
    }
    if (armed) {
      note_sites(mechanism, **armed);
      measure_all(**armed, members);
    }
    for (const auto& member : members) {
      if (member.rig) note(member.told.rows.back().status);
    }
  }

  // Memory ages while mechanisms take turns, so each has a baseline of its own.
  void begin_row(SuiteMechanism mechanism, bool measured, Member& member) const {
    WorkloadRow row{.mechanism = mechanism};
    if (measured) {
      auto base = member.rig->time(plan_.rounds);
      if (base) {
        row.base_per_op = std::move(*base);
      } else {
        fail(row, base.error());
      }
    }
    member.told.rows.push_back(std::move(row));
  }

  // All are counted before any is timed: another handler may mean to attach hundreds of programs anew.
  void measure_all(ArmedSuite& armed, std::vector<Member>& members) {
    const auto each = [&](auto act) {
      for (auto& member : members) {
        if (!member.rig) continue;
        auto& row = member.told.rows.back();
        if (auto status = row.reason.empty() ? act(*member.rig, row) : Status(Done{}); !status) {
          fail(row, status.error());
        }
      }
    };
    each([&](WorkloadRig& rig, WorkloadRow& row) { return count(armed, rig, row); });
    const auto ready = armed.use(suite_.handler);
    each([&](WorkloadRig& rig, WorkloadRow& row) { return ready ? time(armed, rig, row) : ready; });
    // Bytes that do not come back make everything invalid that was measured with them.
    auto restored = armed.disarm();
    each([&](WorkloadRig&, WorkloadRow&) -> Status { return restored; });
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

  static Status count(ArmedSuite& armed, WorkloadRig& rig, WorkloadRow& row) {
    row.sites = static_cast<std::uint32_t>(armed.sites().size());
    auto counted = TRY(rig.count(armed));
    row.hits = counted.hits;
    row.states = std::move(counted.states);
    return Done{};
  }

  Status time(ArmedSuite& armed, WorkloadRig& rig, WorkloadRow& row) const {
    const auto before = TRY(armed.missed());
    auto timed = TRY(rig.time(plan_.rounds));
    const auto after = TRY(armed.missed());
    row.armed_per_op = std::move(timed);
    row.hits.missed = after - before;
    judge(armed, row);
    return Done{};
  }

  static void judge(ArmedSuite& armed, WorkloadRow& row) {
    row.status = row.hits.equal() ? CellStatus::measured : CellStatus::invalid;
    if (row.hits.expected != row.hits.counted) {
      row.reason = fmt::format("{} hits by the probes' own counts, {} by the counting handler",
                               row.hits.expected, row.hits.counted);
    } else if (row.hits.missed != 0) {
      row.reason = fmt::format("{} hits missed: a probed function ran on the path of a hit:{}",
                               row.hits.missed, armed.missed_at());
    }
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
