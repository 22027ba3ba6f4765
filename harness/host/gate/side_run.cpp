// SPDX-License-Identifier: MIT
#include "gate/side_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/file.h"
#include "base/stop.h"
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
  auto ran = run_command(command, kRunDeadline);
  // What it has kept until then is no side, however it ended.
  if (stop_requested()) return Error{Fault::interrupted, "interrupted measuring " + side.role, 0, {}};
  const auto done = TRY(std::move(ran));
  std::error_code ignored;
  if (fs::exists(output / "results.json", ignored)) return find_side(output.string(), {});
  return Error{fault_of(done.exit_code),
               fmt::format("measure {} ({}): {}", side.role, side.title(), complaint_in(done.output)),
               0,
               {}};
}

constexpr std::string_view kBothWhole = "base whole, head whole";

bool is_whole(const Side& side) {
  return std::ranges::all_of(side.targets, [](const auto& target) {
    return target.ended.empty() && std::ranges::none_of(target.cells, &SideCell::unreached);
  });
}

// "base whole, head in part"; empty: nothing.
std::string kept_in(const fs::path& session) {
  std::vector<std::string> kept;
  for (const auto* role : {"base", "head"}) {
    const auto side = find_side(session / role, {});
    if (side) kept.push_back(fmt::format("{} {}", role, is_whole(*side) ? "whole" : "in part"));
  }
  std::error_code absent;
  const auto visits = std::distance(fs::directory_iterator(session / "visits", absent), {});
  if (visits > 0) kept.push_back(fmt::format("{} visits", visits));
  return fmt::format("{}", fmt::join(kept, ", "));
}

}  // namespace

Error cut_off(const Error& why, const fs::path& session) {
  std::error_code not_empty;
  for (const auto& part : {session / "base", session / "head", session}) fs::remove(part, not_empty);
  if (!fs::exists(session, not_empty)) return why;
  const auto kept = kept_in(session);
  auto hint = fmt::format("{} keeps {}", session.string(), kept.empty() ? "logs only" : kept);
  if (kept == kBothWhole) hint += fmt::format(": ./run-bench gate {} judges it", session.string());
  return {why.fault, why.what, why.err, why.hint.empty() ? hint : why.hint + "; " + hint};
}

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
