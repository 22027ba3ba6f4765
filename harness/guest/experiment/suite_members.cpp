// SPDX-License-Identifier: MIT
#include "experiment/suite_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stats/robust.h"

namespace probebench::experiment {
namespace {

// Rounds that are further apart than this part of the line do not tell on which side of it they are.
constexpr double kSteadyPart = 0.2;
constexpr int kMostTimings = 4;

double spread(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return high - low;
}

Status count(ArmedSuite& armed, WorkloadRig& rig, WorkloadRow& row) {
  row.sites = static_cast<std::uint32_t>(armed.sites().size());
  auto counted = TRY(rig.count(armed));
  row.hits = counted.hits;
  row.states = std::move(counted.states);
  row.by_site = std::move(counted.by_site);
  return Done{};
}

void judge(ArmedSuite& armed, WorkloadRow& row) {
  row.status = row.hits.equal() ? CellStatus::measured : CellStatus::invalid;
  if (row.hits.expected != row.hits.counted) {
    row.reason = fmt::format("{} hits by the probes' own counts, {} by the counting handler",
                             row.hits.expected, row.hits.counted);
  } else if (row.hits.missed != 0) {
    row.reason = fmt::format("{} hits missed: a probed function ran on the path of a hit:{}", row.hits.missed,
                             armed.missed_at());
  }
}

}  // namespace

double Member::overhead() const {
  auto base = row().base_per_op;
  base.insert(base.end(), base_ahead.begin(), base_ahead.end());
  return stats::median(row().armed_per_op) / stats::median(base) - 1;
}

SuiteMembers::SuiteMembers(const WorkloadPlan& plan, const SuitePlan& suite, const SuiteGroup& group)
    : plan_(plan), suite_(suite) {
  for (const auto id : group.workloads) {
    auto& member = members_.emplace_back();
    member.told = {
        .id = id, .suite = suite.name, .handler = suite.handler, .operations = info_of(id).operations};
    auto rig = WorkloadRig::make(id, {plan.command, std::chrono::seconds(plan.command_timeout_s)});
    if (rig) {
      member.rig.emplace(std::move(*rig));
    } else {
      fail(member.told, rig.error());
    }
  }
}

void SuiteMembers::begin_rows(const WorkloadRow& like, bool measured) {
  for (auto& member : members_) {
    if (!member.rig) continue;
    auto row = like;
    if (measured) {
      auto base = baseline(member);
      if (base) {
        row.base_per_op = std::move(*base);
      } else {
        fail(row, base.error());
      }
    }
    member.told.rows.push_back(std::move(row));
  }
}

void SuiteMembers::fail_rows(const Error& error) {
  for (auto& member : members_) {
    if (member.rig) fail(member.row(), error);
  }
}

// All are counted before any is timed: another handler may mean to attach hundreds of programs anew.
void SuiteMembers::measure(ArmedSuite& armed) {
  const auto each = [&](auto act) {
    for (auto& member : members_) {
      if (!member.rig) continue;
      auto& row = member.row();
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

bool SuiteMembers::look_ahead(Member& member) const {
  auto base = timed(*member.rig);
  if (base) member.base_ahead = std::move(*base);
  return base.ok();
}

void SuiteMembers::end(Member& member) const {
  if (!member.rig) return;
  auto base = baseline(member);
  if (base) {
    member.told.base_after = std::move(*base);
    member.told.status = CellStatus::measured;
  } else {
    fail(member.told, base.error());
  }
}

Result<std::vector<double>> SuiteMembers::baseline(Member& member) const {
  if (member.base_ahead.empty()) return timed(*member.rig);
  return std::exchange(member.base_ahead, {});
}

// Where it matters on which side of a line they are, rounds that are far apart become more.
Result<std::vector<double>> SuiteMembers::timed(WorkloadRig& rig) const {
  auto rounds = TRY(rig.time(plan_.rounds));
  const double steady = kSteadyPart * plan_.line();
  const bool matters = suite_.prune && steady > 0;
  for (int i = 1; matters && i < kMostTimings && spread(rounds) > steady * stats::median(rounds); ++i) {
    const auto more = TRY(rig.time(plan_.rounds));
    rounds.insert(rounds.end(), more.begin(), more.end());
  }
  return rounds;
}

Status SuiteMembers::time(ArmedSuite& armed, WorkloadRig& rig, WorkloadRow& row) const {
  const auto before = TRY(armed.missed());
  auto rounds = TRY(timed(rig));
  const auto after = TRY(armed.missed());
  row.armed_per_op = std::move(rounds);
  row.hits.missed = after - before;
  judge(armed, row);
  return Done{};
}

}  // namespace probebench::experiment
