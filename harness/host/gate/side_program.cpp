// SPDX-License-Identifier: MIT
#include "gate/side_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "model/external_probe.h"
#include "session/project_paths.h"

namespace probebench::gate {
namespace {

namespace fs = std::filesystem;

// Where a build has its programs.
struct BuildTree {
  const char* program;
  const char* agent;
};
constexpr std::array kBuildTrees{
    BuildTree{"bin/probebench", "bin/probebench-agent"},
    BuildTree{"harness/cli/probebench", "harness/agent/probebench-agent"},  // builds of before bin/
};
constexpr const char* kCheckoutBuild = "build/release";

struct BuiltPrograms {
  fs::path program;
  fs::path agent;
};

Result<BuiltPrograms> own_programs() {
  std::error_code failure;
  const auto self = fs::read_symlink("/proc/self/exe", failure);
  if (failure) return Error{Fault::infra, "read /proc/self/exe", failure.value(), {}};
  return BuiltPrograms{self, self.parent_path() / "probebench-agent"};
}

Result<BuiltPrograms> programs_in(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& build : {directory, directory / kCheckoutBuild}) {
    for (const auto& tree : kBuildTrees) {
      if (!fs::exists(build / tree.program, ignored)) continue;
      return BuiltPrograms{fs::absolute(build / tree.program), fs::absolute(build / tree.agent)};
    }
  }
  return Error{Fault::usage, fmt::format("build={}: there is no probebench in it", directory.string()), 0,
               "name a build directory, or a checkout where ./run-bench list ran once"};
}

void add(std::vector<std::string>& argv, const std::string& option, const std::string& value) {
  if (value.empty()) return;
  argv.push_back(option);
  argv.push_back(value);
}

void add(std::vector<std::string>& argv, const std::vector<std::string>& words) {
  argv.insert(argv.end(), words.begin(), words.end());
}

void add_jobs(std::vector<std::string>& argv, const SideSettings& settings) {
  if (settings.jobs != 0) add(argv, "--jobs", std::to_string(settings.jobs));
}

// Those of --headers go with --kernel, not with a kernel that the side names itself.
std::string headers_of(const SideProgram& side, const SideSettings& settings) {
  const auto& requested = side.requested;
  return (requested.kernel.empty() ? settings.headers : requested.headers).string();
}

void add_kernel(std::vector<std::string>& argv, const SideProgram& side, const SideSettings& settings) {
  if (settings.target == "native") return;
  add(argv, "--kernel", side.requested.kernel.empty() ? settings.kernels : side.requested.kernel);
  add(argv, "--headers", headers_of(side, settings));
  add(argv, "--kernels-file", settings.kernels_file.string());
  add(argv, "--kernel-cache", settings.kernel_cache.string());
  add(argv, "--accel", settings.accel);
  add(argv, "--arch", settings.archs);
  add(argv, "--cpu", side.requested.cpu);
  if (side.requested.kernel_args.empty()) return;
  add(argv, "--kernel-arg", side.requested.kernel_args);
  argv.push_back("--no-plain");
}

void add_cells(std::vector<std::string>& argv, const SideProgram& side, const SideSettings& settings,
               const fs::path& output) {
  add(argv, "--output", output.string());
  add(argv, settings.machine);
  add(argv, "--probe-type", settings.plan.probe_types);
  add(argv, "--handler", side.requested.handler.empty() ? settings.plan.handlers : side.requested.handler);
  add_kernel(argv, side, settings);
}

// By the file's name, as `cost` tells them apart.
const ProbeSourceInfo& source_of(const fs::path& probe) {
  const bool module = probe.extension() == ".ko" || probe.extension() == ".c";
  return info_of(module ? ProbeSource::module : ProbeSource::bpf_object);
}

// A probe of the user's in place of our own cells.
Command cost_command(const SideProgram& side, const SideSettings& settings, const fs::path& output) {
  const auto& requested = side.requested;
  std::vector<std::string> argv{side.program.string(), "cost", "--quiet"};
  add(argv, "--output", output.string());
  add(argv, settings.machine);
  add_jobs(argv, settings);
  add(argv, "--workload", settings.workload);
  add(argv, std::string(source_of(requested.probe).option), requested.probe.string());
  add(argv, "--kernel", requested.kernel.empty() ? settings.kernels : requested.kernel);
  add(argv, "--headers", headers_of(side, settings));
  add(argv, "--kernels-file", settings.kernels_file.string());
  add(argv, "--kernel-cache", settings.kernel_cache.string());
  if (settings.probes_paths) argv.emplace_back("--anatomy");
  return {.argv = argv, .environment = {"PROBEBENCH_ROOT=" + side.root.string()}};
}

}  // namespace

std::string SideProgram::title() const {
  std::vector<std::string> parts;
  if (!requested.kernel.empty()) parts.push_back("kernel " + requested.kernel);
  if (!requested.build.empty()) parts.push_back("build " + requested.build.string());
  if (!requested.kernel_args.empty()) parts.push_back(requested.kernel_args);
  if (!requested.cpu.empty()) parts.push_back("CPU " + requested.cpu);
  if (!requested.handler.empty()) parts.push_back("handler " + requested.handler);
  if (!requested.probe.empty()) parts.push_back("probe " + requested.probe.string());
  return parts.empty() ? "this build" : fmt::format("{}", fmt::join(parts, ", "));
}

Result<SideProgram> find_side_program(std::string role, const RequestedSide& requested) {
  const auto project = TRY(session::find_project());
  SideProgram side{
      .role = std::move(role), .requested = requested, .program = {}, .agent = {}, .root = project.root};
  auto built = TRY(requested.build.empty() ? own_programs() : programs_in(requested.build));
  side.program = std::move(built.program);
  side.agent = std::move(built.agent);
  if (!requested.build.empty())
    side.root = session::root_above(fs::absolute(requested.build).lexically_normal());
  return side;
}

Command side_command(const SideProgram& side, const SideSettings& settings, const fs::path& output,
                     const std::string& filter) {
  if (!side.requested.probe.empty()) return cost_command(side, settings, output);
  const auto& plan = settings.plan;
  std::vector<std::string> argv{side.program.string(), "--quiet"};
  add(argv, "--target", settings.target);
  add(argv, settings.native);
  add_jobs(argv, settings);
  if (plan.threads != "1") add(argv, "--threads", plan.threads);
  if (plan.rounds) add(argv, "--rounds", std::to_string(*plan.rounds));
  add(argv, "--seed", std::to_string(plan.seed));
  add_cells(argv, side, settings, output);
  argv.emplace_back("--");
  add(argv, plan.benchmark_args);
  if (!filter.empty()) argv.push_back("--benchmark_filter=" + filter);
  return {.argv = argv, .environment = {"PROBEBENCH_ROOT=" + side.root.string()}};
}

Command side_paths_command(const SideProgram& side, const SideSettings& settings, const fs::path& output,
                           const std::string& filter) {
  std::vector<std::string> argv{side.program.string(), "anatomy", "--quiet"};
  add_cells(argv, side, settings, output);
  argv.insert(argv.end(), {"--", "--benchmark_filter=" + filter});
  return {.argv = argv, .environment = {"PROBEBENCH_ROOT=" + side.root.string()}};
}

}  // namespace probebench::gate
