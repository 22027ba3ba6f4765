// SPDX-License-Identifier: MIT
#include "session/run_request.h"

#include <algorithm>

#include "kernels/target_paths.h"
#include "session/project_paths.h"

namespace probebench::session {
namespace {

// What counts is told by the target when it runs.
ClockKind likely_clock(const RunRequest& request) {
  const bool timed =
      request.clock == vm::ClockWish::tsc || request.accel == vm::Accel::kvm || request.targets.native;
  return timed ? ClockKind::tsc : ClockKind::instructions;
}

}  // namespace

Result<RunPreview> preview_of(const RunRequest& request) {
  auto planned = plan::make_plan(request.plan, likely_clock(request));
  if (!planned) return planned.error();
  const auto project = find_project();
  if (!project) return project.error();
  const kernels::TargetPaths paths{
      .project_root = project->root, .cache = {}, .kernels_file = request.kernels_file};
  const auto catalog = kernels::load_catalog(paths.catalog());
  if (!catalog) return catalog.error();
  auto targets = requested_targets(request.targets, *catalog);
  if (!targets) return targets.error();
  return RunPreview{std::move(planned->plan), *std::move(targets)};
}

bool lists_cells(const std::vector<std::string>& benchmark_args) {
  return std::ranges::any_of(benchmark_args, [](const auto& arg) {
    return arg.starts_with("--benchmark_list_tests") && !arg.ends_with("=false");
  });
}

}  // namespace probebench::session
