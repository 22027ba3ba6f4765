// SPDX-License-Identifier: MIT
#include "gate/side_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/results_side.h"
#include "model/exit_code.h"

namespace probebench::gate {
namespace {

constexpr std::chrono::seconds kRunDeadline{7200};  // of everything, on a machine that may emulate

Fault fault_of(int exit_code) {
  if (exit_code == static_cast<int>(ExitCode::usage)) return Fault::usage;
  if (exit_code == static_cast<int>(ExitCode::interrupted)) return Fault::interrupted;
  return Fault::infra;
}

Result<Side> run(const Command& command, const SideProgram& side, const fs::path& output) {
  const auto done = TRY(run_command(command, kRunDeadline));
  std::error_code ignored;
  if (fs::exists(output / "results.json", ignored)) return find_side(output.string(), {});
  return Error{fault_of(done.exit_code),
               fmt::format("measure {} ({}): {}", side.role, side.title(), complaint_in(done.output)),
               0,
               {}};
}

}  // namespace

Result<Side> run_side(const SideProgram& side, const SideSettings& settings, const fs::path& output,
                      const std::string& filter) {
  return run(side_command(side, settings, output, filter), side, output);
}

Result<Side> run_side_paths(const SideProgram& side, const SideSettings& settings, const fs::path& output,
                            const std::string& filter) {
  return run(side_paths_command(side, settings, output, filter), side, output);
}

std::string complaint_in(std::string_view output) {
  constexpr std::string_view kName = "probebench: ";
  auto line = last_line(output);
  if (line.empty()) return "it said nothing";
  if (line.starts_with(kName)) line.remove_prefix(kName.size());
  return std::string(line);
}

// The library matches names that go on: "/iterations:3/manual_time".
std::string filter_for(const std::vector<std::string>& names) {
  return names.empty() ? std::string() : fmt::format("^({})(/|$)", fmt::join(names, "|"));
}

}  // namespace probebench::gate
