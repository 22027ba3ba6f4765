// SPDX-License-Identifier: MIT
#include "run_benchmarks.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <ostream>
#include <sstream>
#include <streambuf>

namespace probebench::bench {
namespace {

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
