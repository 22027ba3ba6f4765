// SPDX-License-Identifier: MIT
// A stream of records that keeps every rule, with something of each kind in it; a test breaks one thing.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "valid_cell.h"
#include "wire/records.h"

namespace probebench::stream {

struct SoundStream {
  Plan plan;
  std::vector<wire::Record> records;
  std::function<void(std::vector<std::string>&)> edit = [](auto&) {};    // of what the target says
  std::function<void(std::vector<std::string>&)> damage = [](auto&) {};  // on the way, its seals included
  std::chrono::seconds pause{0};                                         // before the last record

  template <typename T>
  T& first() {
    for (auto& record : records) {
      if (auto* found = std::get_if<T>(&record)) return *found;
    }
    throw std::logic_error("the stream has no such record");
  }
  template <typename T>
  T& experiment() {
    for (auto& record : records) {
      auto* told = std::get_if<wire::Experiment>(&record);
      if (auto* found = told == nullptr ? nullptr : std::get_if<T>(&told->record)) return *found;
    }
    throw std::logic_error("the stream has no such experiment");
  }
  CellResult& cell() { return first<wire::CellEnd>().result; }
  Round& round() { return cell().rounds.front(); }
};

inline Plan plan_of_two() {
  Plan plan;
  plan.cells = {valid_cell().cell, cells_of(ProbeType::ftrace, Handler::nop).front()};
  plan.paths = true;
  plan.experiment.surface = {{.jump = true, .handler = {Handler::count}, .hits_per_op = 4}};
  plan.experiment.kretprobe_misses = true;
  plan.experiment.traps = true;
  plan.experiment.workloads.suites = {
      {.name = "hot-path", .prune = true, .groups = {{{WorkloadId::stat}, {"vfs_statx"}}}}};
  plan.experiment.workloads.mechanisms = {SuiteMechanism::unoptimized};
  plan.experiment.workloads.line_percent = 5;
  plan.experiment.predict = {.sites = {{ProbeType::fentry, "vfs_read"}}, .command = {"true"}, .runs = 2};
  plan.experiment.cost = {.workload = WorkloadId::pread, .file = "/probe/my.bpf.o", .rounds = 2};
  return plan;
}

inline std::vector<ExperimentRecord> experiments_of(const ExperimentPlan& plan) {
  return {ExperimentStep{"surface: one"},
          SurfacePoint{.setting = plan.surface.front(),
                       .state = ProbeState::optimized,
                       .ops = 10,
                       .handler_cost = 5,
                       .base_per_op = 20,
                       .armed_per_op = 420,
                       .hits = {40, 40, 0},
                       .status = CellStatus::measured},
          ControlStep{"kprobe-optimized", 1, "arm", 5000, "clock"},
          KretprobeMisses{1, 2, 20, 10, 10},
          TrapCost{TrapKind::int3, {2400}, {65, 65, 0}, {0xcc}, CellStatus::measured},
          Workload{.id = WorkloadId::stat,
                   .suite = "hot-path",
                   .operations = 1500,
                   .base_after = {2},
                   .rows = {{.sites = 1,
                             .base_per_op = {2, 2},
                             .armed_per_op = {3, 3},
                             .hits = {9, 9, 0},
                             .status = CellStatus::measured}},
                   .status = CellStatus::measured},
          PrunedSuite{.suite = "hot-path",
                      .line_percent = 5,
                      .workloads = {WorkloadId::stat},
                      .left_out = {"vfs_statx"},
                      .sets = 1,
                      .status = CellStatus::measured},
          Suite{"hot-path", 1, 1, 1, {}, {}},
          PredictCounts{.sites = {{.site = plan.predict.sites.front(),
                                   .counted_by = "ftrace",
                                   .hits = {7, 7},
                                   .status = CellStatus::measured}},
                        .base = {100, 101},
                        .status = CellStatus::measured},
          ProbeCost{.workload = plan.cost->workload,
                    .operations = 500,
                    .armed_operations = 500,
                    .base_per_op = {1327, 1327},
                    .armed_per_op = {1688, 1688},
                    .base_after = {1327, 1327},
                    .base_windows = {{665000, 1328500}, {665001, 1328501}},
                    .armed_windows = {{846000, 1690000}, {846001, 1690001}},
                    .hits = {{"kprobe mine", "run_cnt", {500, 500, 0}}},
                    .status = CellStatus::measured}};
}

inline SoundStream sound() {
  SoundStream stream{.plan = plan_of_two(), .records = {}};
  CellResult skipped;
  skipped.cell = stream.plan.cells[1];
  skipped.status = CellStatus::skipped;
  skipped.reason = "this kernel has no ftrace";
  const auto first = stream.plan.cells[0].name();
  const auto second = skipped.cell.name();
  stream.records = {
      wire::Hello{{{{"kernel.release", "6.12.117+deb12-cloud-amd64"}}, {}, 999993}, {first, second}},
      wire::Symbols{"ffffffff81000000 _stext\n"},
      wire::BenchmarkText{"{"},
      wire::CellBegin{first},
      wire::CellEnd{valid_cell()},
      wire::CellPaths{first, {1, 2, 7, ""}},
      wire::CellBegin{second},
      wire::CellEnd{skipped},
      wire::BenchmarkText{"}"}};
  for (const auto& one : experiments_of(stream.plan.experiment)) {
    stream.records.push_back(wire::Experiment{one});
  }
  stream.records.push_back(wire::End{0, {}});
  return stream;
}

}  // namespace probebench::stream
