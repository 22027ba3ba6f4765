// SPDX-License-Identifier: MIT
#include "cli/measuring.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/output.h"
#include "text/cross_table.h"
#include "text/progress_bar.h"
#include "text/table.h"

namespace probebench::cli {
namespace {

std::string dry_target(const MeasuringOptions& options, const session::RequestedTarget& target) {
  if (target.native) return "native, clock tsc";
  const auto args = target.kernel_args.empty() ? "" : " with " + target.kernel_args;
  return fmt::format("vm, kernel {}{}, accel {}, clock {}", target.kernel, args, options.accel,
                     options.clock);
}

CommandResult dry_run(const MeasuringOptions& options, const session::RunPreview& preview) {
  const auto& plan = preview.plan;
  std::string text;
  for (const auto& target : preview.targets) {
    text +=
        fmt::format("target: {}; {} rounds, seed {}\n", dry_target(options, target), plan.rounds, plan.seed);
  }
  for (const auto& cell : plan.cells) text += cell.name() + "\n";
  for (const auto& setting : plan.experiment.surface) text += "surface: " + setting.name() + "\n";
  return {.output = text};
}

Status check_benchmark_out(const MeasuringOptions& options, const session::RunPreview& preview) {
  if (options.benchmark_out.empty() || !preview.several()) return Done{};
  return Error{Fault::usage, "--benchmark_out names one file, and there are several targets", 0,
               "drop it: the run's directory has a benchmark-<release>.json for each"};
}

Status copy_benchmark(const MeasuringOptions& options, const session::RunOutcome& outcome) {
  if (options.benchmark_out.empty() || outcome.record.targets.empty() || !outcome.directory) return Done{};
  const auto text = read_file(outcome.directory->benchmark_path());
  if (!text) return text.error();
  return write_output(options.benchmark_out, *text);
}

}  // namespace

Status check_copy(const char* option, const fs::path& path) {
  if (path.empty() || path == "-") return Done{};
  const auto good = check_output(path);
  if (good) return Done{};
  return Error{Fault::usage, fmt::format("{} {}: cannot be written", option, path.string()), good.error().err,
               "name a file in a folder that exists and that you may write to"};
}

Result<CommandResult> measure(const MeasuringOptions& options, const session::RunRequest& request,
                              const Show& show) {
  if (auto status = check_copy("--benchmark_out", options.benchmark_out); !status) return status.error();
  const auto preview = session::preview_of(request);
  if (!preview) return preview.error();
  if (auto status = check_benchmark_out(options, *preview); !status) return status.error();
  if (options.dry_run) return dry_run(options, *preview);
  // Of all that is written from here on, copies and what other programs write included.
  if (options.keep_addresses) ::umask(0077);
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  const auto outcome = session::run(request, progress);
  if (!outcome) return outcome.error();
  if (!outcome->cell_list.empty()) return CommandResult{.output = outcome->cell_list};
  CommandResult result{.exit_code = outcome->exit_code, .problem = outcome->problem};
  if (const auto copied = copy_benchmark(options, *outcome); !copied) result.add_problem(copied.error());
  show(*outcome, result, progress);
  return result;
}

std::string table_of(const session::RunOutcome& outcome) {
  if (outcome.record.targets.empty()) return {};
  return outcome.several ? text::cross_table(outcome.record) : text::table(outcome.record);
}

}  // namespace probebench::cli
