// SPDX-License-Identifier: MIT
#include "cli/anatomy_command.h"

#include <fmt/format.h>

#include "anatomy/anatomy_json.h"
#include "base/file.h"
#include "text/anatomy_text.h"
#include "text/text.h"

namespace probebench {
namespace {

constexpr std::size_t kCompared = 2;

std::string paths_text(const Options& options, const std::vector<Anatomy>& anatomies) {
  const bool compare = options.diff && anatomies.size() == kCompared;
  if (options.format == "folded") return folded(anatomies);
  if (options.format == "json") {
    return compare ? write_difference(anatomies[0], anatomies[1]) : write_anatomies(anatomies);
  }
  return compare ? difference_text(anatomies[0], anatomies[1]) : anatomy_text(anatomies);
}

// A cell without a path is never silently absent; one that failed is told of anyhow.
std::string skipped_text(const RunRecord& record) {
  std::string text;
  for (const auto& cell : record.cells) {
    const auto& result = cell.result;
    if (result.status != CellStatus::skipped) continue;
    const auto needs = result.provided_by.empty() ? "" : fmt::format(" (needs {})", result.provided_by);
    text += wrapped("skipped ",
                    fmt::format("{} on {}: {}{}", result.cell.name(), cell.target, result.reason, needs), 2);
  }
  return text;
}

std::string failed_text(const RunRecord& record) {
  std::string text;
  for (const auto& cell : record.cells) {
    const auto& result = cell.result;
    if (result.status != CellStatus::errored && result.status != CellStatus::invalid) continue;
    text += fmt::format("{} is {}: {}\n", result.cell.name(), name_of(result.status), result.reason);
  }
  return text;
}

// What could not be compared is shown all the same.
void note_missing(const Options& options, const std::vector<Anatomy>& anatomies, CommandResult& result) {
  if (!options.diff || anatomies.size() == kCompared) return;
  result.problem +=
      fmt::format("--diff: {} of the two paths was recorded\n", anatomies.empty() ? "none" : "only one");
  if (result.exit_code == ExitCode::fine) result.exit_code = ExitCode::nothing_measured;
}

}  // namespace

Status check_anatomy(const Options& options) {
  if (options.action != Action::anatomy) return Done{};
  if (options.plan.probe_types.empty()) {
    return Error{Fault::usage, "anatomy: --probe-type is missing", 0,
                 "for example --probe-type kprobe-stepped"};
  }
  if (options.accel == "kvm") {
    return Error{Fault::usage, "--accel kvm: a path is recorded under emulation", 0, "leave it out"};
  }
  if (!options.diff || options.format != "folded") return Done{};
  return Error{Fault::usage, "--diff --format folded: a difference has no stacks", 0, "use text or json"};
}

Status check_comparison(const Options& options, std::size_t paths) {
  if (!options.diff || paths == kCompared) return Done{};
  return Error{Fault::usage,
               fmt::format("--diff compares two cells, and {} asked for",
                           paths == 1 ? "1 is" : fmt::format("{} are", paths)),
               0, "name two probe types, or one on two kernels; --dry-run lists the cells"};
}

CommandResult with_anatomies(const Options& options, const RunBook& book, CommandResult result) {
  const auto anatomies = book.anatomies();
  const auto record = book.record();
  result.output = paths_text(options, anatomies);
  if (options.format == "text") {
    const auto skipped = skipped_text(record);
    if (!skipped.empty() && !result.output.empty()) result.output += "\n";
    result.output += skipped;
  }
  result.problem += failed_text(record);
  note_missing(options, anatomies, result);
  const auto written = write_file_atomic(book.directory().anatomy_path(), write_anatomies(anatomies));
  if (written) return result;
  result.problem += written.error().message() + "\n";
  if (result.exit_code == ExitCode::fine) result.exit_code = ExitCode::cell_failed;
  return result;
}

}  // namespace probebench
