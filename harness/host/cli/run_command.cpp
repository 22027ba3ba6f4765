// SPDX-License-Identifier: MIT
#include "cli/run_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <thread>

#include "base/file.h"
#include "base/stop.h"
#include "cli/anatomy_command.h"
#include "cli/native_setup.h"
#include "cli/predict_command.h"
#include "cli/reproduce_command.h"
#include "cli/run_report.h"
#include "cli/target_run.h"
#include "cli/version.h"
#include "cli/vm_setup.h"
#include "model/noise_advice.h"
#include "results/results_json.h"
#include "results/timestamp.h"
#include "text/cross_table.h"
#include "text/table.h"

namespace probebench {
namespace {

std::string dry_target(const Options& options, const WishedTarget& wish) {
  if (wish.native) return "native, clock tsc";
  const auto args = wish.kernel_args.empty() ? "" : " with " + wish.kernel_args;
  return fmt::format("vm, kernel {}{}, accel {}, clock {}", wish.kernel, args, options.accel, options.clock);
}

CommandResult dry_run(const Options& options, const std::vector<WishedTarget>& wishes, const Plan& plan) {
  std::string text;
  for (const auto& wish : wishes) {
    text +=
        fmt::format("target: {}; {} rounds, seed {}\n", dry_target(options, wish), plan.rounds, plan.seed);
  }
  for (const auto& cell : plan.cells) text += cell.name() + "\n";
  for (const auto& setting : plan.experiment.surface) text += "surface: " + setting.name() + "\n";
  return {ExitCode::fine, text, {}};
}

Result<RunDirectory> make_directory(const Options& options, const ProjectPaths& project,
                                    std::chrono::system_clock::time_point started) {
  if (!options.output.empty()) return RunDirectory::create_at(options.output);
  return RunDirectory::create_under(project.results, started);
}

// In the order of the targets; a target that is ready runs while the next one is prepared.
void run_all(std::vector<TargetRun>& targets) {
  std::vector<std::jthread> running;
  std::map<std::string, int> seen;
  for (auto& target : targets) {
    const bool ready = target.prepare();
    target.set_ordinal(++seen[target.identity()]);
    if (ready) {
      running.emplace_back([&target] { target.run(); });
    } else {
      target.run();
    }
  }
}

// One target's failure is the run's only when no other did better.
ExitCode combined(const std::vector<TargetRun>& targets) {
  const auto any = [&](ExitCode code) {
    return std::ranges::any_of(targets, [code](const auto& one) { return one.result().exit_code == code; });
  };
  const auto first = targets.front().result().exit_code;
  const bool all_alike =
      std::ranges::all_of(targets, [first](const auto& one) { return one.result().exit_code == first; });
  if (all_alike) return first;
  if (any(ExitCode::interrupted)) return ExitCode::interrupted;
  if (any(ExitCode::usage)) return ExitCode::usage;
  if (any(ExitCode::cell_failed) || any(ExitCode::unavailable)) return ExitCode::cell_failed;
  return ExitCode::fine;  // something was measured on one of them
}

// With several targets, the first line of each one's problem says whose it is.
std::string problems_of(const std::vector<TargetRun>& targets) {
  if (targets.size() == 1) return targets.front().result().problem;
  std::string text;
  for (const auto& target : targets) {
    const auto& problem = target.result().problem;
    if (target.result().exit_code == ExitCode::interrupted && !text.empty()) continue;  // said once
    if (!problem.empty()) text += target.identity() + ": " + problem;
  }
  return text;
}

// Before anything is measured: minutes later is late to learn that a name was wrong.
Status check_copy(const char* option, const fs::path& path) {
  if (path.empty() || path == "-") return Done{};
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(path) && ::access(folder.c_str(), W_OK | X_OK) == 0) return Done{};
  const int refusal = fs::is_directory(path) ? EISDIR : errno;
  return Error{Fault::usage, fmt::format("{} {}: cannot be written", option, path.string()), refusal,
               "name a file in a folder that exists and that you may write to"};
}

Status check_copies(const Options& options) {
  if (auto status = check_copy("--json", options.json); !status) return status;
  return check_copy("--benchmark_out", options.benchmark_out);
}

Status copy_files(const Options& options, const RunBook& book) {
  if (!options.json.empty() && options.json != "-") {
    auto status = write_file_atomic(options.json, write_results(book.record()));
    if (!status) return status;
  }
  if (options.benchmark_out.empty()) return Done{};
  const auto text = read_file(book.directory().benchmark_path());
  if (!text) return text.error();
  return write_file_atomic(options.benchmark_out, *text);
}

std::string output_of(const Options& options, const RunRecord& record, bool several) {
  if (record.targets.empty()) return {};
  if (options.json == "-") return write_results(record);
  return several ? cross_table(record) : table(record);
}

CommandResult report(const RunContext& context, const std::vector<TargetRun>& targets) {
  const auto finished = stop_requested() ? context.book.finish("interrupted") : Status(Done{});
  const auto record = context.book.record();
  CommandResult result{combined(targets), output_of(context.options, record, context.several),
                       problems_of(targets)};
  if (record.targets.empty()) return result;
  for (const auto& status : {finished, copy_files(context.options, context.book)}) {
    if (status) continue;
    result.problem += status.error().message() + "\n";
    if (result.exit_code == ExitCode::fine) result.exit_code = ExitCode::cell_failed;
  }
  if (record.cells.empty()) return result;
  const auto& directory = context.book.directory().path();
  context.progress.note("results: " + directory.string());
  if (ends_with_report(context.options) && result.exit_code != ExitCode::interrupted) {
    context.progress.note(write_run_report(context.project.root, directory));
  }
  return result;
}

Result<CommandResult> measure(const RunContext& context, const std::vector<WishedTarget>& wishes) {
  std::vector<TargetRun> targets;
  targets.reserve(wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i) targets.emplace_back(context, wishes[i], i);
  context.progress.plan(wishes.size() * (context.plan.cells.size() + context.plan.experiment.steps()));
  run_all(targets);
  context.progress.clear();
  for (const auto& target : targets) {
    // Google Benchmark was asked to list the cells; they are the same everywhere.
    if (!target.result().console_text.empty()) {
      return CommandResult{ExitCode::fine, target.result().console_text, {}};
    }
  }
  const auto& first = targets.front().result();
  if (!context.several && first.error) return *first.error;
  auto result = report(context, targets);
  if (context.options.action == Action::anatomy) {
    return with_anatomies(context.options, context.book, std::move(result));
  }
  if (context.options.action == Action::predict) return with_prediction(context.book, std::move(result));
  if (context.options.action == Action::reproduce) return with_reproduction(context.book, std::move(result));
  return result;
}

// A run that began no cell is no run; but a guest that did not come up has left its log.
void discard_if_empty(const RunDirectory& directory, bool only_listed) {
  std::error_code unimportant;
  if (fs::exists(directory.results_path(), unimportant)) return;
  for (const auto& log : directory.guest_logs()) {
    if (only_listed || fs::file_size(log, unimportant) == 0) fs::remove(log, unimportant);
  }
  fs::remove(directory.path(), unimportant);
}

bool lists_cells(const Options& options) {
  return std::ranges::any_of(options.plan.benchmark_args, [](const auto& arg) {
    return arg.starts_with("--benchmark_list_tests") && !arg.ends_with("=false");
  });
}

Result<std::vector<WishedTarget>> find_wishes(const Options& options, const ProjectPaths& project) {
  const TargetPaths paths{.project_root = project.root, .cache = {}, .kernels_file = options.kernels_file};
  const auto catalog = load_catalog(paths.catalog());
  if (!catalog) return catalog.error();
  auto wishes = wished_targets(options, *catalog);
  if (!wishes || wishes->size() == 1 || options.benchmark_out.empty()) return wishes;
  return Error{Fault::usage, "--benchmark_out names one file, and there are several targets", 0,
               "drop it: the run's directory has a benchmark-<release>.json for each"};
}

CommandResult refusal_of(const NativeSetup& native) {
  std::string problem = "--strict: this machine is not fit to be measured\n";
  for (const auto& why : native.unfit) problem += "  " + why + "\n";
  return {ExitCode::unfit, {}, problem};
}

unsigned jobs_of(const Options& options) {
  return options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Result<CommandResult> run_command_line(const Options& options, const std::vector<std::string>& command) {
  if (options.force_cleanup) return cleanup_command();
  if (auto status = check_copies(options); !status) return status.error();
  if (auto status = check_anatomy(options); !status) return status.error();
  const auto planned = make_plan(options.plan, likely_clock(options));
  if (!planned) return planned.error();
  const auto project = find_project();
  if (!project) return project.error();
  const auto wishes = find_wishes(options, *project);
  if (!wishes) return wishes.error();
  if (auto status = check_comparison(options, planned->plan.cells.size() * wishes->size()); !status) {
    return status.error();
  }
  if (options.dry_run) return dry_run(options, *wishes, planned->plan);
  ConsoleProgress progress(STDERR_FILENO, ConsoleProgress::style_for(options.quiet));
  auto native = options.target == "native" ? set_up_native(options, *project, progress) : NativeSetup();
  if (!native) return native.error();
  if (!native->unfit.empty()) return refusal_of(*native);
  const auto started = std::chrono::system_clock::now();
  auto directory = make_directory(options, *project, started);
  if (!directory) return directory.error();
  RunRecord head;
  head.tool.version = kVersion;
  head.started = iso8601_utc(started);
  head.command = command;
  RunBook book(std::move(head), *std::move(directory), wishes->size());
  RunSlots slots(jobs_of(options));
  const RunContext context{options, *project, planned->plan, book, slots, progress, wishes->size() > 1};
  auto result = measure(context, *wishes);
  if (native->watch) {
    for (const auto& warning : native->watch->warnings()) {
      const auto name = warning.substr(0, warning.find(':'));
      progress.note(fmt::format("warning: {}; {}", warning, see_heading(name)));
    }
  }
  discard_if_empty(book.directory(), lists_cells(options));
  return result;
}

}  // namespace probebench
