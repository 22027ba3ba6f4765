// SPDX-License-Identifier: MIT
#include "cli/cost_request.h"

#include "base/file.h"
#include "probe_cost/probe_file.h"
#include "probe_cost/probe_identity.h"

namespace probebench::cli {
namespace {

// What the guest needs of this machine.
Status carry(const CostOptions& options, session::RunRequest& request) {
  auto& plan = *request.plan.experiment.cost;
  fs::path file;
  if (plan.workload == WorkloadId::command) {
    auto program = TRY(vm::users_program(plan.program.front()));
    plan.program.front() = "/" + program.place;
    plan.armed.versions.emplace("workload", TRY(cost::short_digest(program.source)));
    request.programs.push_back(std::move(program));
  }
  if (plan.source == ProbeSource::bpf_object) {
    auto object = TRY(cost::bpf_object(options.bpf_object));
    plan.file = "/" + object.place;
    file = object.source;
    request.files.push_back(std::move(object));
  }
  if (plan.source == ProbeSource::command) {
    auto program = TRY(vm::users_program(plan.command.front()));
    plan.command.front() = "/" + program.place;
    file = program.source;
    request.programs.push_back(std::move(program));
  }
  if (plan.source == ProbeSource::module) {
    TRY(cost::check_module(options.probe_module));
    plan.file = "/" + vm::place_of_probe(options.probe_module, ".ko");
    file = request.users_module = fs::absolute(options.probe_module);
  }
  return cost::identify(plan, file);
}

}  // namespace

Result<session::RunRequest> cost_request(const CostOptions& options, const Arguments& line) {
  auto request = request_for(options, line);
  request.records_paths = options.anatomy;
  request.plan.experiment.cost->paths = options.anatomy;
  TRY(carry(options, request));
  return request;
}

}  // namespace probebench::cli
