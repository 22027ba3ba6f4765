// SPDX-License-Identifier: MIT
#include "results/results_json.h"

#include <fmt/format.h>

#include "wire/cell_json.h"
#include "wire/json_value.h"

namespace probebench::results {
namespace {

wire::Json json_of_target(const TargetRecord& target) {
  const auto& info = target.info;
  return {{"id", info.id},
          {"kind", info.kind},
          {"accel", wire::json_of_text(info.accel)},
          {"clock", info.clock ? wire::Json(info_of(*info.clock).name) : wire::Json(nullptr)},
          {"clock_unit", info.clock ? wire::Json(info_of(*info.clock).unit) : wire::Json(nullptr)},
          {"fingerprint", wire::json_of_text(target.fingerprint)},
          {"ended", wire::json_of_text(target.ended)},
          {"in_flight", target.in_flight ? wire::Json(*target.in_flight) : wire::Json(nullptr)},
          {"not_run", target.not_run},
          {"host", info.host},
          {"environment", wire::json_of_environment(info.environment)}};
}

TargetRecord target_from(const wire::Json& value) {
  TargetRecord target;
  value.at("id").get_to(target.info.id);
  value.at("kind").get_to(target.info.kind);
  target.info.accel = wire::text_from(value.at("accel"));
  target.info.clock = wire::optional_from(
      value.at("clock"), [](const wire::Json& name) { return wire::id_from(kClocks, name); });
  target.fingerprint = wire::text_from(value.at("fingerprint"));
  target.ended = wire::text_from(value.at("ended"));
  target.in_flight = wire::optional_from(value.at("in_flight"), wire::text_from);
  value.at("not_run").get_to(target.not_run);
  value.at("host").get_to(target.info.host);
  target.info.environment = wire::environment_from(value.at("environment"));
  return target;
}

// What the names of a cell's metrics mean, and which of them stands for a hit.
wire::Json json_of(const MetricInfo& metric) {
  constexpr std::array<std::string_view, 2> kLeads{"counted", "timed"};
  const bool leads = metric.leads != Leads::never;
  return {
      {"name", metric.name},
      {"unit", metric.unit},
      {"words", metric.words},
      {"axis", metric.axis},
      {"meaning", metric.meaning},
      {"leads", leads ? wire::Json(kLeads.at(static_cast<std::size_t>(metric.leads))) : wire::Json(nullptr)},
      {"gated", metric.gated}};
}

// Without its cells, which come last.
wire::Json json_of_run(const RunRecord& record) {
  wire::Json json;
  json["schema_version"] = kResultsSchemaVersion;
  json["tool"] = {{"name", record.tool.name}, {"version", record.tool.version}};
  json["started"] = record.started;
  json["command"] = record.command;
  json["seed"] = record.seed;
  json["rounds"] = record.rounds;
  json["complete"] = record.complete;
  json["ended"] = wire::json_of_text(record.ended);
  json["metrics"] = wire::Json::array();
  for (const auto& metric : kMetrics) json["metrics"].push_back(json_of(metric));
  json["targets"] = wire::Json::array();
  for (const auto& target : record.targets) json["targets"].push_back(json_of_target(target));
  json["cells"] = wire::Json::array();
  return json;
}

constexpr std::string_view kNoCells = "[]\n}\n";  // at the end of what json_of_run() is without them
constexpr std::size_t kCellIndent = 4;

void read_head(RunRecord& record, const wire::Json& value) {
  value.at("tool").at("name").get_to(record.tool.name);
  value.at("tool").at("version").get_to(record.tool.version);
  value.at("started").get_to(record.started);
  value.at("command").get_to(record.command);
  value.at("seed").get_to(record.seed);
  value.at("rounds").get_to(record.rounds);
  value.at("complete").get_to(record.complete);
  record.ended = wire::text_from(value.at("ended"));
}

RunRecord run_from(const wire::Json& value) {
  RunRecord record;
  read_head(record, value);
  for (const auto& target : value.at("targets")) record.targets.push_back(target_from(target));
  for (const auto& cell : value.at("cells")) record.cells.push_back(wire::cell_from(cell));
  return record;
}

Error unreadable(std::string_view source, std::string_view why, std::string hint) {
  return Error{Fault::usage, fmt::format("read results {}: {}", source, why), 0, std::move(hint)};
}

// The library's messages begin with "[json.exception.out_of_range.403] ".
std::string_view without_tag(std::string_view message) {
  const auto end = message.find("] ");
  return end == std::string_view::npos ? message : message.substr(end + 2);
}

}  // namespace

std::string write_results(const RunRecord& record) {
  return GrowingResults().text(record);
}

const std::string& GrowingResults::text_of(const CellRecord& cell) {
  auto& kept = kept_[cell.target + '\n' + cell.result.cell.name()];
  if (kept.text.empty() || kept.cell != cell)
    kept = {cell, wire::pretty_part(wire::json_of_cell(cell), kCellIndent)};
  return kept.text;
}

std::string GrowingResults::text(const RunRecord& record) {
  auto text = wire::pretty(json_of_run(record));
  if (record.cells.empty()) return text;
  text.resize(text.size() - kNoCells.size());
  char separator = '[';
  for (const auto& cell : record.cells) {
    text += fmt::format("{}\n{:{}}", separator, "", kCellIndent) + text_of(cell);
    separator = ',';
  }
  return text + "\n  ]\n}\n";
}

Result<RunRecord> read_results(std::string_view text, std::string_view source) {
  const wire::Json json = wire::Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return unreadable(source, "not a JSON object", "pass a results.json of probebench");
  const auto version = json.find("schema_version");
  if (version == json.end() || *version != kResultsSchemaVersion) {
    return unreadable(source, fmt::format("schema_version is not {}", kResultsSchemaVersion),
                      "use the version of probebench that wrote it, or run it again");
  }
  try {
    return run_from(json);
  } catch (const std::exception& problem) {
    return unreadable(source, without_tag(problem.what()), "the file is damaged; run it again");
  }
}

}  // namespace probebench::results
