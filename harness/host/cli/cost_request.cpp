// SPDX-License-Identifier: MIT
#include "cli/cost_request.h"

#include <unistd.h>

#include "base/file.h"
#include "probe_cost/probe_file.h"
#include "probe_cost/probe_identity.h"
#include "session/project_paths.h"
#include "text/progress_bar.h"
#include "tools/tool_store.h"

namespace probebench::cli {
namespace {

// A command of this machine, or of another release's packages.
Result<vm::GuestCommand> users_tool(const CostOptions& options, CostPlan& plan) {
  if (options.from.empty()) return vm::users_command(plan.command);
  const auto& command = plan.command.front();
  const auto request = TRY(tools::parse_from(options.from, command));
  const auto project = TRY(session::find_project());
  const auto cache = TRY(kernels::default_cache());
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  const auto tool =
      TRY(tools::provide_tool(request, {.project_root = project.root, .cache = cache}, progress));
  plan.armed.versions.emplace("package", tool.version);
  return vm::command_of({tool.program, "command/" + command, tool.root}, plan.command);
}

// On the running kernel everything is where the user has it.
Result<std::vector<std::string>> found_here(std::vector<std::string> command) {
  const auto program = TRY(vm::users_program(command.front()));
  command.front() = fs::absolute(program).lexically_normal();
  return command;
}

Status name_files(const CostOptions& options, CostPlan& plan) {
  fs::path file;
  if (plan.workload == WorkloadId::command) plan.program = TRY(found_here(plan.program));
  if (plan.source == ProbeSource::bpf_object) {
    file = TRY(cost::bpf_object(options.bpf_object)).source;
    plan.file = fs::absolute(file).lexically_normal();
  }
  if (plan.source == ProbeSource::command) file = (plan.command = TRY(found_here(plan.command))).front();
  return cost::identify(plan, file);
}

// What the guest needs of this machine.
Status carry(const CostOptions& options, session::RunRequest& request) {
  auto& plan = *request.plan.experiment.cost;
  fs::path file;
  if (plan.workload == WorkloadId::command) {
    auto program = TRY(vm::users_command(plan.program));
    plan.armed.versions.emplace("workload", TRY(cost::short_digest(program.own())));
    plan.program = session::hand_over(std::move(program), request);
  }
  if (plan.source == ProbeSource::bpf_object) {
    auto object = TRY(cost::bpf_object(options.bpf_object));
    plan.file = "/" + object.place;
    file = object.source;
    request.files.push_back(std::move(object));
  }
  if (plan.source == ProbeSource::command) {
    auto command = TRY(users_tool(options, plan));
    for (const auto& name : options.carry) TRY(vm::carry(name, command));
    file = command.own();
    plan.command = session::hand_over(std::move(command), request);
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
  if (options.native()) {
    TRY(name_files(options, *request.plan.experiment.cost));
  } else {
    TRY(carry(options, request));
  }
  return request;
}

}  // namespace probebench::cli
