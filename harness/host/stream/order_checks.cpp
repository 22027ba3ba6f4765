// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/safe_path.h"
#include "model/exit_code.h"
#include "plan/plan_options.h"
#include "stream/stream_checks.h"

namespace probebench::stream::check {
namespace {

constexpr std::uint64_t kHighestKhz = 100'000'000;
constexpr std::size_t kLongestRelease = 64;  // __NEW_UTS_LEN of linux/utsname.h
constexpr std::size_t kQuoted = 80;
constexpr int kHighestExitCode = 125;  // a shell has its own meaning for what is higher

template <typename T>
const T* as(const Arrival& arrival) {
  return arrival.record == nullptr ? nullptr : std::get_if<T>(arrival.record);
}

std::string in_quotes(std::string_view name) {
  return fmt::format("'{}'", name.substr(0, kQuoted));
}

bool is_planned(const Plan& plan, const std::string& name) {
  return std::ranges::any_of(plan.cells, [&](const Cell& cell) { return cell.name() == name; });
}

bool is_announced(const StreamSoFar& so_far, const std::string& name) {
  return so_far.announced && std::ranges::find(*so_far.announced, name) != so_far.announced->end();
}

// A cell or an experiment failed, or nothing did: the plan was gone through.
bool went_through(const wire::End& end) {
  return end.exit_code == static_cast<int>(ExitCode::fine) ||
         end.exit_code == static_cast<int>(ExitCode::cell_failed);
}

Why unfinished_cell(const StreamSoFar& so_far) {
  if (so_far.in_flight) return fmt::format("{} was begun and did not end", in_quotes(*so_far.in_flight));
  for (const auto& name : *so_far.announced) {
    if (!so_far.ended.contains(name))
      return fmt::format("{} was announced and did not begin", in_quotes(name));
  }
  return std::nullopt;
}

bool names_in(const std::vector<std::string>& names, const std::vector<std::string>& known) {
  return std::ranges::all_of(names,
                             [&](const auto& name) { return std::ranges::find(known, name) != known.end(); });
}

// Each kind of record, against what was asked for.
struct Planned {
  const ExperimentPlan& plan;

  const SuitePlan* suite(const std::string& name) const {
    const auto found = std::ranges::find(plan.workloads.suites, name, &SuitePlan::name);
    return found == plan.workloads.suites.end() ? nullptr : &*found;
  }
  bool operator()(const ExperimentStep&) const { return plan.steps() != 0; }
  bool operator()(const SurfacePoint& point) const {
    return std::ranges::find(plan.surface, point.setting) != plan.surface.end();
  }
  bool operator()(const ControlStep&) const { return !plan.surface.empty(); }
  bool operator()(const KretprobeMisses&) const { return plan.kretprobe_misses; }
  bool operator()(const TrapCost&) const { return plan.traps; }
  bool operator()(const Suite& told) const { return suite(told.name) != nullptr; }
  bool operator()(const Workload& told) const {
    const auto* of = suite(told.suite);
    return of != nullptr && std::ranges::any_of(of->groups, [&](const SuiteGroup& group) {
             return std::ranges::find(group.workloads, told.id) != group.workloads.end();
           });
  }
  bool operator()(const PrunedSuite& told) const {
    const auto* of = suite(told.suite);
    const auto& mechanisms = plan.workloads.mechanisms;
    return of != nullptr && plan.workloads.prunes(*of, told.mechanism) &&
           told.line_percent == plan.workloads.line_percent &&
           std::ranges::find(mechanisms, told.mechanism) != mechanisms.end() &&
           std::ranges::any_of(of->groups, [&](const SuiteGroup& group) {
             return group.workloads == told.workloads && names_in(told.left_out, group.functions);
           });
  }
  bool operator()(const PredictCounts& told) const {
    return plan.predict.asked() && told.process == plan.predict.process &&
           (told.own.empty() || plan.predict.own_probe) &&
           std::ranges::equal(told.sites, plan.predict.sites, {}, &SiteCount::site);
  }
  bool operator()(const ProbeCost& told) const {
    return plan.cost && told.workload == plan.cost->workload && told.source == plan.cost->source;
  }
};

}  // namespace

Why hello_first(const StreamSoFar& so_far, const Arrival& arrival) {
  if (arrival.record == nullptr || so_far.announced || as<wire::Hello>(arrival)) return std::nullopt;
  const auto* end = as<wire::End>(arrival);
  if (end != nullptr && !went_through(*end)) return std::nullopt;
  return "a record came before the target's own";
}

Why hello_once(const StreamSoFar& so_far, const Arrival& arrival) {
  if (!as<wire::Hello>(arrival) || !so_far.announced) return std::nullopt;
  return "the target introduced itself twice";
}

Why hello_cells(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* hello = as<wire::Hello>(arrival);
  if (hello == nullptr) return std::nullopt;
  std::set<std::string> names;
  for (const auto& name : hello->cells) {
    if (!is_planned(so_far.plan, name)) return fmt::format("the cell {} is not planned", in_quotes(name));
    if (!names.insert(name).second) return fmt::format("the cell {} is announced twice", in_quotes(name));
  }
  // Google Benchmark's own filter may leave some out.
  const bool all = so_far.plan.benchmark_args.empty();
  if (!all || names.size() == so_far.plan.cells.size()) return std::nullopt;
  return fmt::format("{} cells are announced, {} are planned", names.size(), so_far.plan.cells.size());
}

Why hello_kernel(const StreamSoFar&, const Arrival& arrival) {
  const auto* hello = as<wire::Hello>(arrival);
  if (hello == nullptr) return std::nullopt;
  if (hello->environment.tsc_khz > kHighestKhz) {
    return fmt::format("a clock of {} kHz", hello->environment.tsc_khz);
  }
  const auto release = hello->environment.facts.find("kernel.release");
  if (release == hello->environment.facts.end()) return std::nullopt;
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("._+~:-").find(c) != std::string_view::npos;
  };
  const auto& name = release->second;
  // It becomes part of the target's id, and that of the names of files.
  const bool is_name = file_name_of(name, "release").ok() && name.size() <= kLongestRelease;
  if (is_name && std::ranges::all_of(name, fits)) return std::nullopt;
  return fmt::format("the kernel's release {} is no name", in_quotes(name));
}

Why begin_announced(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* begin = as<wire::CellBegin>(arrival);
  if (begin == nullptr || is_announced(so_far, begin->name)) return std::nullopt;
  return fmt::format("{} began and was not announced", in_quotes(begin->name));
}

Why begin_alone(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* begin = as<wire::CellBegin>(arrival);
  if (begin == nullptr || !so_far.in_flight) return std::nullopt;
  return fmt::format("{} began before {} ended", in_quotes(begin->name), in_quotes(*so_far.in_flight));
}

Why begin_once(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* begin = as<wire::CellBegin>(arrival);
  // --benchmark_repetitions, or a warm-up
  if (begin == nullptr || !so_far.plan.benchmark_args.empty()) return std::nullopt;
  if (!so_far.ended.contains(begin->name)) return std::nullopt;
  return fmt::format("{} began again", in_quotes(begin->name));
}

Why end_of_begun(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* end = as<wire::CellEnd>(arrival);
  if (end == nullptr) return std::nullopt;
  const auto name = end->result.cell.name();
  if (so_far.in_flight == name) return std::nullopt;
  return fmt::format("{} ended and was not begun", in_quotes(name));
}

Why name_of_cell(const StreamSoFar&, const Arrival& arrival) {
  const auto* end = as<wire::CellEnd>(arrival);
  if (end == nullptr || !end->told || end->told->name == end->result.cell.name()) return std::nullopt;
  return fmt::format("{} is called {}", in_quotes(end->result.cell.name()), in_quotes(end->told->name));
}

Why paths_wanted(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* paths = as<wire::CellPaths>(arrival);
  if (paths == nullptr && !as<wire::Symbols>(arrival)) return std::nullopt;
  if (!so_far.plan.paths) return "no paths were asked for";
  if (paths == nullptr) return std::nullopt;
  if (so_far.in_flight || so_far.measured_last != paths->name) {
    return fmt::format("paths of {}, which was not measured just before", in_quotes(paths->name));
  }
  const auto& loops = paths->loops;
  if (loops.calls > 0 && loops.twin > 0 && loops.site > loops.twin) return std::nullopt;
  return fmt::format("paths of {} are impossible", in_quotes(paths->name));
}

Why list_wanted(const StreamSoFar& so_far, const Arrival& arrival) {
  if (!as<wire::ConsoleText>(arrival) || plan::lists_cells(so_far.plan.benchmark_args)) return std::nullopt;
  return "no list of cells was asked for";
}

Why experiment_planned(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* experiment = as<wire::Experiment>(arrival);
  if (experiment == nullptr) return std::nullopt;
  if (const auto open = unfinished_cell(so_far))
    return "an experiment began before the cells ended: " + *open;
  if (std::visit(Planned{so_far.plan.experiment}, experiment->record)) return std::nullopt;
  return "an experiment is not planned";
}

Why exit_code(const StreamSoFar&, const Arrival& arrival) {
  const auto* end = as<wire::End>(arrival);
  if (end == nullptr || (end->exit_code >= 0 && end->exit_code <= kHighestExitCode)) return std::nullopt;
  return fmt::format("an exit code of {}", end->exit_code);
}

Why last_word(const StreamSoFar&, const Arrival& arrival) {
  const auto* end = as<wire::End>(arrival);
  if (end == nullptr || end->error.empty() == went_through(*end)) return std::nullopt;
  return end->error.empty() ? fmt::format("exit code {} without an error", end->exit_code)
                            : fmt::format("exit code {} with an error: {}", end->exit_code, end->error);
}

Why all_cells(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* end = as<wire::End>(arrival);
  if (end == nullptr || !went_through(*end) || so_far.listed) return std::nullopt;
  return unfinished_cell(so_far);
}

Why all_experiments(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* end = as<wire::End>(arrival);
  if (end == nullptr || !went_through(*end) || so_far.listed) return std::nullopt;
  const auto& plan = so_far.plan.experiment;
  if (so_far.surface_points != plan.surface.size()) {
    return fmt::format("{} points of the surface were told, {} are planned", so_far.surface_points,
                       plan.surface.size());
  }
  const std::size_t predictions = plan.predict.asked() ? 1 : 0;
  if (so_far.predictions != predictions) {
    return fmt::format("counts were told {} times, {} planned", so_far.predictions, predictions);
  }
  const std::size_t costs = plan.cost ? 1 : 0;
  if (so_far.costs == costs) return std::nullopt;
  return fmt::format("the cost of a probe was told {} times, {} planned", so_far.costs, costs);
}

}  // namespace probebench::stream::check
