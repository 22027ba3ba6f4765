// SPDX-License-Identifier: MIT
#include "wire/records.h"

#include "wire/cell_json.h"
#include "wire/environment_json.h"
#include "wire/experiment_json.h"
#include "wire/outcome_json.h"

namespace probebench::wire {
namespace {

// Host and agent are built together, but an initramfs may be older than the host program.
constexpr int kWireVersion = 1;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 needs it spelled out

Json json_of(const Record& record) {
  return std::visit(
      Overloaded{
          [](const Hello& hello) -> Json {
            return {{"type", "hello"},
                    {"environment", json_of_environment(hello.environment)},
                    {"cells", hello.cells}};
          },
          [](const CellBegin& begin) -> Json {
            return {{"type", "cell-begin"}, {"name", begin.name}};
          },
          [](const CellEnd& end) -> Json {
            return {{"type", "cell-end"}, {"cell", json_of_cell({{}, end.result, {}})}};
          },
          [](const Symbols& piece) -> Json {
            return {{"type", "symbols"}, {"text", piece.text}};
          },
          [](const CellPaths& paths) -> Json {
            return {{"type", "cell-paths"},       {"name", paths.name},
                    {"twin", paths.loops.twin},   {"site", paths.loops.site},
                    {"calls", paths.loops.calls}, {"symbols", paths.loops.symbols}};
          },
          [](const Experiment& experiment) -> Json {
            return {{"type", "experiment"}, {"experiment", json_of_experiment(experiment.record)}};
          },
          [](const BenchmarkText& piece) -> Json {
            return {{"type", "benchmark"}, {"text", piece.text}};
          },
          [](const ConsoleText& piece) -> Json {
            return {{"type", "console"}, {"text", piece.text}};
          },
          [](const End& end) -> Json {
            return {{"type", "end"}, {"exit_code", end.exit_code}, {"error", end.error}};
          },
      },
      record);
}

CellPaths paths_from(const Json& value) {
  return {value.at("name").get<std::string>(),
          {whole_from<std::uint32_t>(value.at("twin")), whole_from<std::uint32_t>(value.at("site")),
           whole_from<std::uint32_t>(value.at("calls")), value.at("symbols").get<std::string>()}};
}

CellEnd cell_end_from(const Json& cell) {
  return {cell_from(cell).result,
          ToldTwice{cell.at("name").get<std::string>(), optional_from(cell.at("hits"), hit_count_from)}};
}

Result<Record> record_from(const Json& value) {
  const auto type = value.at("type").get<std::string>();
  if (type == "hello") {
    return Record(
        Hello{environment_from(value.at("environment")), value.at("cells").get<std::vector<std::string>>()});
  }
  if (type == "cell-begin") return Record(CellBegin{value.at("name").get<std::string>()});
  if (type == "cell-end") return Record(cell_end_from(value.at("cell")));
  if (type == "symbols") return Record(Symbols{value.at("text").get<std::string>()});
  if (type == "cell-paths") return Record(paths_from(value));
  if (type == "experiment") return Record(Experiment{experiment_from(value.at("experiment"))});
  if (type == "benchmark") return Record(BenchmarkText{value.at("text").get<std::string>()});
  if (type == "console") return Record(ConsoleText{value.at("text").get<std::string>()});
  if (type == "end") {
    return Record(End{whole_from<int>(value.at("exit_code")), value.at("error").get<std::string>()});
  }
  return Error{Fault::infra, "record of unknown type '" + type + "'", 0, {}};
}

}  // namespace

std::string encode(const Record& record) {
  Json json = json_of(record);
  json["v"] = kWireVersion;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Record> decode(std::string_view line) {
  try {
    const Json value = Json::parse(line);
    if (whole_from<int>(value.at("v")) != kWireVersion) {
      return Error{Fault::infra, "record of another wire version", 0, "rebuild with ./run-bench"};
    }
    return record_from(value);
  } catch (const std::exception& error) {
    return Error{Fault::infra, std::string("unreadable record: ") + error.what(), 0, {}};
  }
}

}  // namespace probebench::wire
