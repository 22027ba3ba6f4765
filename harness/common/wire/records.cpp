// SPDX-License-Identifier: MIT
#include "wire/records.h"

#include "wire/cell_json.h"
#include "wire/experiment_json.h"
#include "wire/members.h"

namespace probebench::wire {
namespace {

// Host and agent are built together, but an initramfs may be older than the host program.
constexpr int kWireVersion = 1;

struct WholeCell {
  void put(Json& json, const CellEnd& end) const { json["cell"] = json_of_cell({{}, end.result, {}}); }
  void take(const Json& json, CellEnd& end) const {
    const Json& cell = json.at("cell");
    end.result = cell_from(cell).result;
    end.told = ToldTwice{cell.at("name").get<std::string>(), Maybe<Form<HitCount>>::take(cell.at("hits"))};
  }
};

struct OfExperiment {
  static Json put(const ExperimentRecord& record) { return json_of_experiment(record); }
  static ExperimentRecord take(const Json& json) { return experiment_from(json); }
};

struct OfEnvironment {
  static Json put(const Environment& environment) { return json_of_environment(environment); }
  static Environment take(const Json& json) { return environment_from(json); }
};

}  // namespace

template <>
constexpr auto kKind<Hello> = "hello";
template <>
constexpr auto kMembers<Hello> = std::tuple(member<OfEnvironment>("environment", &Hello::environment),
                                            member("cells", &Hello::cells));

template <>
constexpr auto kKind<CellBegin> = "cell-begin";
template <>
constexpr auto kMembers<CellBegin> = std::tuple(member("name", &CellBegin::name));

template <>
constexpr auto kKind<CellEnd> = "cell-end";
template <>
constexpr auto kMembers<CellEnd> = std::tuple(WholeCell{});

template <>
constexpr auto kKind<Symbols> = "symbols";
template <>
constexpr auto kMembers<Symbols> = std::tuple(member("text", &Symbols::text));

template <>
constexpr auto kKind<CellPaths> = "cell-paths";
template <>
constexpr auto kMembers<CellPaths> = std::tuple(member("name", &CellPaths::name), spread(&CellPaths::loops));

template <>
constexpr auto kKind<Experiment> = "experiment";
template <>
constexpr auto kMembers<Experiment> = std::tuple(member<OfExperiment>("experiment", &Experiment::record));

template <>
constexpr auto kKind<BenchmarkText> = "benchmark";
template <>
constexpr auto kMembers<BenchmarkText> = std::tuple(member("text", &BenchmarkText::text));

template <>
constexpr auto kKind<ConsoleText> = "console";
template <>
constexpr auto kMembers<ConsoleText> = std::tuple(member("text", &ConsoleText::text));

template <>
constexpr auto kKind<End> = "end";
template <>
constexpr auto kMembers<End> = std::tuple(member("exit_code", &End::exit_code), member("error", &End::error));

std::string encode(const Record& record) {
  Json json = json_of_kinds("type", record);
  json["v"] = kWireVersion;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Record> decode(std::string_view line) {
  try {
    const Json value = Json::parse(line);
    if (whole_from<int>(value.at("v")) != kWireVersion) {
      return Error{Fault::infra, "record of another wire version", 0, "rebuild with ./run-bench"};
    }
    Record record;
    if (take_kinds("type", value, record)) return record;
    return Error{Fault::infra, "record of unknown type '" + value.at("type").get<std::string>() + "'", 0, {}};
  } catch (const std::exception& error) {
    return Error{Fault::infra, std::string("unreadable record: ") + error.what(), 0, {}};
  }
}

}  // namespace probebench::wire
