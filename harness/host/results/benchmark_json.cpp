// SPDX-License-Identifier: MIT
#include "results/benchmark_json.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace probebench::results {
namespace {

// What JSONReporter::Finalize() writes, and how it begins the list and ends a benchmark in it
// (google/benchmark, src/json_reporter.cc).
constexpr std::string_view kFinal = "\n  ]\n}\n";
constexpr std::string_view kListBegins = "\"benchmarks\": [\n";
constexpr std::string_view kBenchmarkEnds = "\n    }";

bool parses(std::string_view text) {
  return nlohmann::json::accept(text);
}

// Length of the part that holds whole benchmarks only; 0 when the list has not even begun.
std::size_t whole_benchmarks(std::string_view text) {
  const auto list = text.find(kListBegins);
  if (list == std::string_view::npos) return 0;
  const auto last = text.rfind(kBenchmarkEnds);
  const auto first = list + kListBegins.size();
  // The end of "context" has the same shape with a smaller indent, so only what follows the list counts.
  return last == std::string_view::npos || last < first ? first : last + kBenchmarkEnds.size();
}

}  // namespace

Result<std::string> complete_benchmark_json(std::string text) {
  if (parses(text)) return text;
  text.resize(whole_benchmarks(text));
  text += kFinal;
  if (parses(text)) return text;
  return Error{Fault::cell, "benchmark.json: what arrived from Google Benchmark is not JSON", 0,
               "results.json has the figures"};
}

}  // namespace probebench::results
