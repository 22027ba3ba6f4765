// SPDX-License-Identifier: MIT
#include "run_benchmarks.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <sstream>
#include <streambuf>

#include "model/summary.h"
#include "run/cell_session.h"
#include "stats/robust.h"
#include "verify/judge.h"

namespace probebench::bench {
namespace {

// Google Benchmark wants seconds. Where the clock counts instructions, one "nanosecond" stands for one.
double seconds_per_hit(const Round& round, const CellContext& context) {
  const double ticks = stats::overhead(round, stats::Counter::ticks).value_or(0);
  const double ticks_per_second =
      counts_instructions(context.clock) ? 1e9 : static_cast<double>(context.tsc_khz) * 1e3;
  return std::max(0.0, ticks / ticks_per_second);
}

double total_hits(const CellResult& result) {
  double hits = 0;
  for (const auto& round : result.rounds) {
    hits += static_cast<double>(round.counted().n.hits + round.counted().twice_n.hits);
  }
  return hits;
}

double total_missed(const CellResult& result) {
  double missed = 0;
  for (const auto& round : result.rounds) {
    missed += static_cast<double>(round.counted().n.missed + round.counted().twice_n.missed);
  }
  return missed;
}

void set_counters(benchmark::State& state, const CellResult& result, const CellContext& context) {
  if (result.rounds.empty()) return;
  const auto& last = result.rounds.back();
  const auto unit =
      name_of(counts_instructions(context.clock) ? &Summary::instructions_per_hit : &Summary::ticks_per_hit);
  state.counters[std::string(unit)] = stats::overhead(last, stats::Counter::ticks).value_or(0);
  if (const auto cycles = stats::overhead(last, stats::Counter::cycles)) {
    state.counters[std::string(name_of(&Summary::cycles_per_hit))] = *cycles;
  }
  state.counters["hits"] = total_hits(result);
  state.counters["missed"] = total_missed(result);
}

// Rounds of earlier repetitions come first; the verdict is on all of them.
CellResult joined(const CellResult& earlier, CellResult now, ClockKind clock) {
  if (now.status != CellStatus::measured || earlier.status != CellStatus::measured) {
    return earlier.status == CellStatus::measured ? now : earlier;
  }
  now.rounds.insert(now.rounds.begin(), earlier.rounds.begin(), earlier.rounds.end());
  if (const auto reason = verify::judge(now, clock)) {
    now.status = CellStatus::invalid;
    now.reason = *reason;
  }
  return now;
}

void report(const CellResult& result, CellContext& context) {
  const auto name = result.cell.name();
  const auto earlier = context.results.find(name);
  const auto whole =
      earlier == context.results.end() ? result : joined(earlier->second, result, context.clock);
  context.results[name] = whole;
  context.listener.end(whole);
}

constexpr const char* kListFlag = "--benchmark_list_tests";

// A stream buffer that hands on what was written at every flush, and whenever it grows large.
class SinkBuffer : public std::streambuf {
 public:
  explicit SinkBuffer(const TextSink& sink) : sink_(sink) {}
  ~SinkBuffer() override { sync(); }

 protected:
  int overflow(int c) override {
    if (c != traits_type::eof()) held_ += static_cast<char>(c);
    return c;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    held_.append(text, static_cast<size_t>(size));
    return size;
  }
  int sync() override {
    if (!held_.empty()) sink_(held_);
    held_.clear();
    return 0;
  }

 private:
  const TextSink& sink_;
  std::string held_;
};

// Sends each benchmark's JSON as soon as it is complete, so that a crash costs one. Names are the cells' own:
// the library adds "/iterations:3/manual_time", which would make runs with other --rounds incomparable. A
// counter without a finite value (the variation of a count that is always 0) is left out: the library would
// write NaN, which is not JSON.
class StreamingJsonReporter : public benchmark::JSONReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    auto renamed = runs;
    for (auto& run : renamed) {
      run.run_name.iterations.clear();
      run.run_name.time_type.clear();
      std::erase_if(run.counters, [](const auto& counter) { return !std::isfinite(counter.second.value); });
      make_finite(run);
    }
    benchmark::JSONReporter::ReportRuns(renamed);
    GetOutputStream().flush();
  }

 private:
  // The "cv" aggregate of a counter that is 0 (misses) is 0/0, which the library prints as a bare NaN.
  static void make_finite(Run& run) {
    std::erase_if(run.counters, [](const auto& counter) { return !std::isfinite(counter.second.value); });
    if (!std::isfinite(run.real_accumulated_time)) run.real_accumulated_time = 0;
    if (!std::isfinite(run.cpu_accumulated_time)) run.cpu_accumulated_time = 0;
  }
};

// The library takes its flags from argv and leaves those it does not know.
bool set_flags(std::vector<std::string> flags) {
  static char program[] = "probebench";  // the library keeps a pointer to it and prints it much later
  std::vector<char*> argv{program};
  for (auto& flag : flags) argv.push_back(flag.data());
  argv.push_back(nullptr);
  int argc = static_cast<int>(flags.size()) + 1;
  benchmark::Initialize(&argc, argv.data());
  return argc == 1;
}

bool asks_for_list(const std::vector<std::string>& flags) {
  for (const auto& flag : flags) {
    if (flag == kListFlag || flag == std::string(kListFlag) + "=true") return true;
  }
  return false;
}

void register_cells(const Plan& plan, CellContext& context) {
  for (const auto& cell : plan.cells) {
    benchmark::RegisterBenchmark(
        cell.name().c_str(), [cell, &context](benchmark::State& state) { run_cell(state, cell, context); })
        ->UseManualTime()
        ->Iterations(plan.rounds)
        ->Unit(benchmark::kNanosecond);
  }
}

std::string cell_name_of(const std::string& listed) {
  return listed.substr(0, listed.find("/iterations:"));
}

std::vector<std::string> list_selected() {
  std::ostringstream listed;
  std::ostringstream complaint;  // about a filter that matches nothing
  benchmark::ConsoleReporter reporter(benchmark::ConsoleReporter::OO_None);
  reporter.SetOutputStream(&listed);
  reporter.SetErrorStream(&complaint);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::vector<std::string> names;
  std::istringstream lines(listed.str());
  for (std::string line; std::getline(lines, line);) names.push_back(cell_name_of(line));
  return names;
}

}  // namespace

void run_cell(benchmark::State& state, const Cell& cell, CellContext& context) {
  context.listener.begin(cell);
  const auto rig = context.make_rig(cell);
  run::CellSession session(rig.get(), context.offer, cell, context.clock, context.seed);
  MarkedLoops loops;
  if (session.start()) {
    bool failed = false;
    for ([[maybe_unused]] auto iteration : state) {
      const Round* round = failed ? nullptr : session.round();
      failed = round == nullptr;
      state.SetIterationTime(failed ? 0 : seconds_per_hit(*round, context));
    }
    if (!failed && context.listener.paths)
      failed = !session.mark_loops(context.marked_loops, context.symbols, loops);
    if (!failed) session.finish();
  }
  const auto& result = session.result();
  set_counters(state, result, context);
  if (result.status != CellStatus::measured) {
    const auto message = std::string(name_of(result.status)) + ": " + result.reason;
    state.SkipWithError(message.c_str());
  }
  report(result, context);
  if (context.listener.paths && result.status == CellStatus::measured) context.listener.paths(cell, loops);
}

Result<BenchmarkRun> BenchmarkRun::prepare(const Plan& plan, CellContext& context) {
  register_cells(plan, context);
  BenchmarkRun run;
  run.lists_only_ = asks_for_list(plan.benchmark_args);
  auto flags = plan.benchmark_args;
  flags.push_back(std::string(kListFlag) + "=true");
  if (!set_flags(flags)) {
    return Error{Fault::usage, "Google Benchmark does not know one of the flags after --", 0,
                 "see its user guide; all begin with --benchmark_"};
  }
  run.selected_ = list_selected();
  if (run.selected_.empty() && !plan.cells.empty()) {
    return Error{Fault::usage, "no planned cell matches --benchmark_filter", 0,
                 "names are <probe-type>/module/<site>/<handler>/threads:1; see --dry-run"};
  }
  set_flags({std::string(kListFlag) + "=false"});
  return run;
}

void BenchmarkRun::run(const TextSink& json) const {
  SinkBuffer buffer(json);
  std::ostream stream(&buffer);
  StreamingJsonReporter reporter;
  reporter.SetOutputStream(&stream);
  reporter.SetErrorStream(&stream);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  stream.flush();
}

}  // namespace probebench::bench
