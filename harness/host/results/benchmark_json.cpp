// SPDX-License-Identifier: MIT
#include "results/benchmark_json.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

namespace probebench::results {
namespace {

// What JSONReporter::Finalize() writes, and how it begins the list and ends a benchmark in it
// (google/benchmark, src/json_reporter.cc).
constexpr std::string_view kFinal = "\n  ]\n}\n";
constexpr std::string_view kListBegins = "\"benchmarks\": [\n";
constexpr std::string_view kBenchmarkEnds = "\n    }";

using Json = nlohmann::ordered_json;

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

// Of whatever the target sent.
bool is(const Json& entry, const char* member, const Json& value) {
  const auto found = entry.find(member);
  return found != entry.end() && *found == value;
}

// compare.py takes the geometric mean of everything that is no aggregate, in seconds, and ends with an
// exception where that has another unit or no time (tools/gbench/report.py, calculate_geomean()). An entry
// is the mean of a cell's rounds, so an aggregate is what it is.
void make_aggregate(Json& entry) {
  if (is(entry, "run_type", "aggregate")) return;
  entry["run_type"] = "aggregate";
  entry["aggregate_name"] = "mean";
  entry["aggregate_unit"] = "time";
}

// It looks at times of 0 and not at the error. An entry without times is left out, if its unit is another
// than that of the entry on the other side.
void make_error(Json& entry) {
  make_aggregate(entry);
  entry.erase("real_time");
  entry.erase("cpu_time");
  entry["time_unit"] = "none";
}

void make_readable(Json& entry, bool counted) {
  if (is(entry, "error_occurred", true)) return make_error(entry);
  if (!counted || !entry.contains("real_time")) return;
  make_aggregate(entry);
  entry["time_unit"] = "insns";
  // It was seconds for a while: 104.00000000000001.
  constexpr double kDigits = 1e6;
  auto& time = entry["real_time"];
  if (time.is_number()) time = std::round(time.get<double>() * kDigits) / kDigits;
  // The library's is the time of whole rounds as the emulated clock has it, which is in no such unit.
  entry["cpu_time"] = entry["real_time"];
}

std::string name_in(const Json& entry) {
  const auto name = entry.find("name");
  return name != entry.end() && name->is_string() ? name->get<std::string>() : std::string();
}

}  // namespace

Result<std::string> readable_benchmark_json(std::string_view text, ClockKind clock) {
  auto document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("benchmarks")) {
    return Error{Fault::cell, "benchmark.json: what arrived from Google Benchmark has no benchmarks", 0,
                 "results.json has the figures"};
  }
  for (auto& entry : document["benchmarks"]) {
    if (entry.is_object()) make_readable(entry, counts_instructions(clock));
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// What the library numbers are the benchmarks that were registered; a guest registers its own.
Result<std::string> join_benchmark_json(std::vector<std::string> texts, std::span<const std::string> order) {
  Json whole;
  std::map<std::string, Json> entries;
  for (auto& text : texts) {
    auto part = Json::parse(TRY(complete_benchmark_json(std::move(text))), nullptr, false);
    if (!part.is_object() || !part.contains("benchmarks")) continue;
    for (auto& entry : part["benchmarks"]) entries.emplace(name_in(entry), entry);
    if (whole.is_null()) whole = std::move(part);
  }
  auto& list = whole["benchmarks"] = Json::array();
  for (const auto& name : order) {
    const auto found = entries.find(name);
    if (found == entries.end()) continue;
    if (found->second.contains("family_index")) found->second["family_index"] = list.size();
    list.push_back(std::move(found->second));
  }
  return whole.dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<std::string> complete_benchmark_json(std::string text) {
  if (parses(text)) return text;
  text.resize(whole_benchmarks(text));
  text += kFinal;
  if (parses(text)) return text;
  return Error{Fault::cell, "benchmark.json: what arrived from Google Benchmark is not JSON", 0,
               "results.json has the figures"};
}

}  // namespace probebench::results
