// SPDX-License-Identifier: MIT
#include "plan/plan_options.h"

#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "model/noise_advice.h"
#include "model/summary.h"
#include "plan/selection.h"

namespace probebench::plan {
namespace {

std::uint32_t default_rounds(ClockKind clock) {
  return counts_instructions(clock) ? kExactRounds : kNoisyRounds;
}

Result<std::uint32_t> checked_rounds(const PlanOptions& options, ClockKind clock) {
  if (!options.rounds) return default_rounds(clock);
  if (*options.rounds < 1 || *options.rounds > kMaxRounds) {
    return Error{
        Fault::usage, fmt::format("--rounds {}: expected 1 to {}", *options.rounds, kMaxRounds), 0, {}};
  }
  return static_cast<std::uint32_t>(*options.rounds);
}

// Of the library's version 1.7, as in Debian 12 (src/benchmark.cc).
constexpr std::array<std::string_view, 15> kBenchmarkFlags{"--benchmark_list_tests",
                                                           "--benchmark_filter",
                                                           "--benchmark_min_time",
                                                           "--benchmark_min_warmup_time",
                                                           "--benchmark_repetitions",
                                                           "--benchmark_enable_random_interleaving",
                                                           "--benchmark_display_aggregates_only",
                                                           "--benchmark_report_aggregates_only",
                                                           "--benchmark_format",
                                                           "--benchmark_color",
                                                           "--benchmark_counters_tabular",
                                                           "--benchmark_context",
                                                           "--benchmark_perf_counters",
                                                           "--benchmark_time_unit",
                                                           "--benchmark_dry_run"};

constexpr std::string_view kFilter = "--benchmark_filter=";

// A regular expression as the library reads it.
class Pattern {
 public:
  explicit Pattern(const std::string& text)
      : code_(::regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB)) {}
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern() {
    if (code_ == 0) ::regfree(&compiled_);
  }

  std::string problem() const {
    if (code_ == 0) return {};
    std::array<char, 128> why{};
    ::regerror(code_, nullptr, why.data(), why.size());
    return why.data();
  }
  bool fits(const std::string& name) const { return ::regexec(&compiled_, name.c_str(), 0, nullptr, 0) == 0; }

 private:
  regex_t compiled_{};
  int code_;
};

// A mistake in it is seen before anything boots.
Status check_filter(std::string_view arg) {
  if (!arg.starts_with(kFilter)) return Done{};
  const auto problem = Pattern(std::string(arg.substr(kFilter.size()))).problem();
  if (problem.empty()) return Done{};
  return Error{Fault::usage, fmt::format("{}: no regular expression: {}", arg, problem), 0,
               "put a \\ before a character that stands for itself"};
}

Status check_benchmark_args(const std::vector<std::string>& args) {
  for (const auto& arg : args) {
    if (!arg.starts_with("--benchmark_")) {
      return Error{Fault::usage,
                   fmt::format("'{}' after --: only Google Benchmark's --benchmark_* flags go there", arg), 0,
                   "put our own options before --"};
    }
    const auto name = std::string_view(arg).substr(0, arg.find('='));
    if (std::ranges::find(kBenchmarkFlags, name) == kBenchmarkFlags.end()) {
      return Error{Fault::usage, fmt::format("'{}': Google Benchmark has no such flag", arg), 0,
                   did_you_mean(name, kBenchmarkFlags, "see its user guide")};
    }
    TRY(check_filter(arg));
  }
  return Done{};
}

std::string filter_of(const Plan& plan) {
  std::string filter;
  for (const auto& arg : plan.benchmark_args) {
    if (arg.starts_with(kFilter)) filter = arg.substr(kFilter.size());
  }
  return filter == "all" ? std::string() : filter;
}

std::vector<std::string> warnings_for(const Plan& plan) {
  if (!counts_instructions(plan.clock) || plan.rounds >= kExactRounds) return {};
  return {fmt::format("--rounds {}: too few to prove a count exact, which takes {}; {}", plan.rounds,
                      kExactRounds, see(NoiseAdvice::few_rounds))};
}

// The types that the claims are about, and the handlers that workloads are probed with.
constexpr const char* kReproducedTypes =
    "kprobe-stepped,kprobe-boosted,kprobe-emulated,kprobe-post,kprobe-unoptimized,kprobe-optimized,kprobe-"
    "ftrace,kretprobe,ftrace,"
    "fprobe,tracepoint,bpf-kprobe,fentry,fexit";
constexpr const char* kReproducedHandlers = "nop,count,checklist";

constexpr std::array kDelaysNs{0U, 200U, 1000U, 5000U};
constexpr std::array kDelaysOfNumbersNs{0U, 1000U};
constexpr std::array kWorks{0U, 1000U, 10000U};
constexpr std::uint32_t kRareWork = 100000;  // with a list check: an intrusion detector's corner
constexpr std::array kHitsPerOp{1U, 4U, 16U};
constexpr std::array kProbes{1U, 10U, 100U, 1000U};
constexpr std::array kProbesOnPath{1U, 10U, 100U};

HandlerChoice handler_of(std::uint32_t delay_ns) {
  return delay_ns == 0 ? HandlerChoice{Handler::nop} : HandlerChoice{Handler::delay, delay_ns};
}

// Handler cost x work x hits with one probe.
void add_costs(std::vector<SurfaceSetting>& points, bool jump) {
  for (const auto delay : kDelaysNs) {
    for (const auto work : kWorks) {
      for (const auto hits : kHitsPerOp) {
        points.push_back({.jump = jump, .handler = handler_of(delay), .work = work, .hits_per_op = hits});
      }
    }
  }
  points.push_back({.jump = jump, .handler = {Handler::checklist}, .work = kRareWork});
}

void add_layout(std::vector<SurfaceSetting>& points, SurfaceSetting setting) {
  for (const auto delay : kDelaysOfNumbersNs) {
    setting.handler = handler_of(delay);
    points.push_back(setting);
  }
}

// The number of armed probes: on many functions of which an operation passes one, and on one path.
void add_numbers(std::vector<SurfaceSetting>& points, bool jump) {
  for (const auto probes : kProbes) {
    add_layout(points, {.jump = jump, .handler = {}, .probes = probes, .layout = SurfaceLayout::functions});
  }
  for (const auto probes : kProbesOnPath) {
    add_layout(points, {.jump = jump,
                        .handler = {},
                        .hits_per_op = probes,
                        .probes = probes,
                        .layout = SurfaceLayout::path});
  }
}

// In the order of the table, each once.
std::vector<Cell> rows_of(ProbeType type, HandlerChoice handler, std::uint32_t threads,
                          const std::vector<ArchId>& archs) {
  std::vector<Cell> rows;
  for (const auto arch : archs) {
    for (const auto& cell : cells_of(type, handler, threads, arch)) {
      if (std::ranges::find(rows, cell) == rows.end()) rows.push_back(cell);
    }
  }
  return rows;
}

}  // namespace

Result<Planned> make_plan(const PlanOptions& options, ClockKind clock) {
  // What a user's own probe costs is told without any cell.
  const auto types = TRY(options.experiment.cost ? Result(std::vector<ProbeType>())
                                                 : select_probe_types(options.probe_types));
  const auto handlers = TRY(select_handlers(options.handlers));
  const auto threads = TRY(select_threads(options.threads));
  const auto rounds = TRY(checked_rounds(options, clock));
  TRY(check_benchmark_args(options.benchmark_args));
  Planned planned;
  const auto to_plan = std::back_inserter(planned.plan.cells);
  for (const auto type : types) {
    for (const auto handler : handlers) {
      for (const auto number : threads)
        std::ranges::copy(rows_of(type, handler, number, options.archs), to_plan);
    }
  }
  std::erase_if(planned.plan.cells,
                [&](const Cell& cell) { return options.driver && cell.driver != *options.driver; });
  planned.plan.rounds = rounds;
  planned.plan.seed = options.seed;
  planned.plan.clock = clock;
  planned.plan.experiment = options.experiment;
  planned.plan.benchmark_args = options.benchmark_args;
  planned.warnings = warnings_for(planned.plan);
  return planned;
}

void choose_experiments(const std::set<ExperimentPart>& parts, std::vector<std::string> command,
                        PlanOptions& options) {
  options.probe_types = kReproducedTypes;
  options.handlers = kReproducedHandlers;
  options.driver = DriverId::module;  // one loop for all of them
  if (parts.contains(ExperimentPart::surface)) {
    for (const bool jump : {false, true}) {
      add_costs(options.experiment.surface, jump);
      add_numbers(options.experiment.surface, jump);
    }
    options.experiment.kretprobe_misses = true;
  }
  options.experiment.traps = parts.contains(ExperimentPart::traps);
  options.experiment.workloads.command = std::move(command);
}

bool lists_cells(const std::vector<std::string>& benchmark_args) {
  return std::ranges::any_of(benchmark_args, [](const auto& arg) {
    return arg.starts_with("--benchmark_list_tests") && !arg.ends_with("=false");
  });
}

Status keep_filtered(Plan& plan) {
  auto filter = filter_of(plan);
  if (filter.empty()) return Done{};
  const bool excludes = filter.starts_with('-');
  const Pattern pattern(filter.substr(excludes ? 1 : 0));
  // The library matches names that go on.
  const auto end = fmt::format("/iterations:{}/manual_time", plan.rounds);
  std::erase_if(plan.cells, [&](const Cell& cell) { return pattern.fits(cell.name() + end) == excludes; });
  if (!plan.cells.empty()) return Done{};
  return Error{Fault::usage, fmt::format("no planned cell matches {}{}", kFilter, filter), 0,
               "--dry-run lists the planned cells"};
}

}  // namespace probebench::plan
