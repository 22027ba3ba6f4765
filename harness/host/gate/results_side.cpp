// SPDX-License-Identifier: MIT
#include "gate/results_side.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <vector>

#include "base/file.h"
#include "gate/baseline.h"
#include "gate/checked_json.h"
#include "results/fingerprint.h"
#include "results/packed_file.h"
#include "results/results_json.h"
#include "session/project_paths.h"

namespace probebench::gate {
namespace {

constexpr std::array<std::string_view, 2> kClassNames{name_of(MetricClass::exact),
                                                      name_of(MetricClass::noisy)};

// Says what the document is instead, where that is known.
void check_kind(const Checked& document) {
  if (document.has("benchmarks")) {
    // pytest-benchmark has the same list, and says first which machine it is of.
    document.fail(document.has("machine_info")
                      ? "this is pytest-benchmark's JSON; pass a results.json of probebench"
                      : "this is Google Benchmark's JSON; pass the results.json beside it");
  }
  if (!document.has("schema_version")) document.fail("no `schema_version`: not a results.json of probebench");
  const auto version = document.at("schema_version").number();
  if (version == results::kResultsSchemaVersion) return;
  document.fail(
      fmt::format("schema_version {} where {} is read: measure again, or use the probebench that "
                  "wrote it",
                  version, results::kResultsSchemaVersion));
}

Facts facts_from(const Checked& value) {
  Facts facts;
  for (const auto& [name, fact] : value.members()) facts.emplace(name, fact.text());
  return facts;
}

// The facts that identify are told apart from the others by the table of results/fingerprint.h.
SideTarget target_from(const Checked& value) {
  TargetInfo info;
  info.id = value.at("id").text();
  info.host = facts_from(value.at("host"));
  info.environment.facts = facts_from(value.at("environment").at("facts"));
  SideTarget target{.id = info.id,
                    .fingerprint = value.at("fingerprint").text_or_null(),
                    .ended = value.at("ended").text_or_null(),
                    .identity = results::fingerprint_facts(info),
                    .others = info.environment.facts,
                    .cells = {}};
  target.others.insert(info.host.begin(), info.host.end());
  std::erase_if(target.others, [&](const auto& fact) { return target.identity.contains(fact.first); });
  for (const char* part : {"kind", "accel", "clock"}) {
    target.identity.emplace(part, value.at(part).text_or_null());
  }
  return target;
}

Metric metric_from(const Checked& value, double least) {
  Metric metric;
  metric.metric_class = value.at("class").one_of(kClassNames) == 0 ? MetricClass::exact : MetricClass::noisy;
  const bool exact = metric.metric_class == MetricClass::exact;
  metric.value = exact ? value.at("value").exact_count(least) : value.at("value").number();
  metric.low = value.at("low").number();
  metric.high = value.at("high").number();
  metric.spread = value.at("spread").number();
  metric.low_quantile = value.at("low_quantile").number();
  metric.n = value.at("n").count();
  metric.note = value.at("note").text_or_null();
  if (metric.low > metric.value || metric.value > metric.high) value.fail("`value` is outside its interval");
  if (exact && metric.low != metric.high) value.fail("an exact count has an interval");
  return metric;
}

void read_figures(SideCell& cell, const Checked& value) {
  const auto metrics = value.at("metrics");
  for (const auto& field : kMetrics) {
    if (field.later && !metrics.has(field.name)) continue;
    const auto metric = metrics.at(field.name);
    if (!metric.is_null())
      cell.figures.push_back({std::string(field.name), metric_from(metric, least_of(field))});
  }
  cell.no_figure_reason = value.at("no_metric_reason").text_or_null();
  if (cell.status != CellStatus::measured && !cell.figures.empty()) {
    value.fail(fmt::format("a cell that is {} has a figure", name_of(cell.status)));
  }
}

SideCell measured_cell_from(const Checked& value) {
  SideCell cell;
  cell.name = value.at("name").text();
  cell.status = static_cast<CellStatus>(value.at("status").one_of(kCellStatusNames));
  cell.reason = value.at("reason").text_or_null();
  cell.state = value.at("evidence").at("state").text_or_null();
  const auto flags = value.at("evidence").at("flags");
  cell.in_own_list = flags.has("in_own_list") && flags.at("in_own_list").truth();
  if (const auto samples = value.at("samples"); !samples.is_empty()) {
    cell.calls = samples.first().at("armed").at("n").at("calls").count();
  }
  read_figures(cell, value);
  return cell;
}

SideTarget& target_of(Side& side, const Checked& cell) {
  const auto found = std::ranges::find(side.targets, cell.at("target").text(), &SideTarget::id);
  if (found == side.targets.end()) cell.at("target").fail("no such target");
  return *found;
}

SideCell never_measured(std::string name, const SideTarget& target) {
  return {.name = std::move(name),
          .status = CellStatus::errored,
          .reason = "it was not reached" + (target.ended.empty() ? "" : ": " + target.ended),
          .unreached = true,
          .state = {},
          .in_own_list = false,
          .calls = 0,
          .figures = {},
          .no_figure_reason = {}};
}

void add_unreached(SideTarget& target, const Checked& value) {
  const auto in_flight = value.at("in_flight").text_or_null();
  if (!in_flight.empty()) target.cells.push_back(never_measured(in_flight, target));
  for (const auto& name : value.at("not_run").items()) {
    target.cells.push_back(never_measured(name.text(), target));
  }
}

// A document of a hundred thousand cells would take gigabytes: each is read while the document is parsed, and
// forgotten.
class SideReader {
 public:
  explicit SideReader(Side& side) : side_(side) {}

  // True: the document keeps it.
  bool filter(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth == kMember) return filter_member(event, parsed);
    if (member_ != "cells") return true;
    if (depth == kCell) return filter_cell(event, parsed);
    if (depth == kCellMember && event == Json::parse_event_t::key) {
      cell_member_ = parsed.get<std::string>();
      return std::ranges::find(kRead, cell_member_) != kRead.end();
    }
    const bool is_sample = depth == kSample && event == Json::parse_event_t::object_start;
    return !is_sample || cell_member_ != "samples" || samples_++ == 0;
  }

  // What is left.
  void read(const Checked& document) {
    check_kind(document);
    side_.started = document.at("started").text();
    side_.tool_version = document.at("tool").at("version").text();
    const auto targets = document.at("targets").items();
    if (side_.targets.empty()) add_targets(document.at("targets"));
    if (targets.empty()) document.fail("no target: nothing was measured");
    for (const auto& value : document.at("cells").items()) add_cell(value);
    for (std::size_t i = 0; i < targets.size(); ++i) add_unreached(side_.targets[i], targets[i]);
    for (auto& target : side_.targets) target.others.emplace("probebench.version", side_.tool_version);
  }

 private:
  // How deep they are.
  static constexpr int kMember = 1;
  static constexpr int kCell = 2;
  static constexpr int kCellMember = 3;
  static constexpr int kSample = 4;
  static constexpr std::array<std::string_view, 8> kRead{
      "name", "target", "status", "reason", "evidence", "samples", "metrics", "no_metric_reason"};

  bool filter_member(Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::key) member_ = parsed.get<std::string>();
    if (event == Json::parse_event_t::value && member_ == "schema_version") {
      is_known_ = parsed == results::kResultsSchemaVersion;
    }
    if (event == Json::parse_event_t::array_end && member_ == "targets" && is_known_) {
      add_targets(Checked(parsed, "targets"));
    }
    return true;
  }

  // Where the targets come later, the cells have to wait for them.
  bool filter_cell(Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) samples_ = 0;
    if (event != Json::parse_event_t::object_end || side_.targets.empty()) return true;
    add_cell(Checked(parsed, fmt::format("cells[{}]", names_.size())));
    return false;
  }

  void add_targets(const Checked& targets) {
    for (const auto& value : targets.items()) side_.targets.push_back(target_from(value));
  }

  void add_cell(const Checked& value) {
    auto& target = target_of(side_, value);
    auto cell = measured_cell_from(value);
    if (!names_.insert(target.id + '\n' + cell.name).second) {
      value.fail("the cell is there twice: " + cell.name);
    }
    target.cells.push_back(std::move(cell));
  }

  Side& side_;
  std::string member_;
  std::string cell_member_;
  bool is_known_ = false;
  std::size_t samples_ = 0;
  std::unordered_set<std::string> names_;  // of the cells so far
};

constexpr const char* kResults = "results.json";
constexpr const char* kPackedResults = "results.json.gz";

bool says_baseline(const std::string& text) {
  // The first member of a baseline; a results file begins with its schema_version.
  return text.substr(0, 200).find("\"probebench-baseline\"") != std::string::npos;
}

Result<Side> side_of_file(const fs::path& path) {
  const auto text = results::read_packed_file(path);
  if (!text && text.error().fault == Fault::usage) return text.error();
  if (!text) return Error{Fault::usage, "read " + path.string(), text.error().err, "check the name"};
  if (!says_baseline(*text)) {
    auto side = side_from_results(*text, path.string());
    if (side) side->folder = path.has_parent_path() ? path.parent_path().string() : ".";
    return side;
  }
  auto baseline = TRY(read_baseline(*text, path.string()));
  return side_of(std::move(baseline), path.string());
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

Result<Side> side_of_folder(const fs::path& folder) {
  Side all;
  all.source = folder.string();
  all.is_baseline = all.is_folder = true;
  for (const auto& path : json_files(folder)) {
    auto one = TRY(side_of_file(path));
    if (!one.is_baseline) {
      return Error{Fault::usage, fmt::format("read {}: not a baseline", path.string()), 0,
                   "a folder of baselines holds nothing else; a run's directory holds results.json"};
    }
    for (auto& target : one.targets) all.targets.push_back(std::move(target));
  }
  return all;
}

Error not_found(const std::string& name, const fs::path& baselines) {
  std::vector<std::string> folders;
  for (const auto& folder : session::folders_of_run(name)) folders.push_back(folder.string());
  const auto where = folders.empty() ? "" : fmt::format(" in {}", fmt::join(folders, " or "));
  return {
      Fault::usage,
      fmt::format("'{}' is no file or directory{}, and no baseline in {}", name, where, baselines.string()),
      0, "pass a results.json, a run's directory or the name of a baseline"};
}

}  // namespace

Result<Side> side_from_results(std::string_view text, std::string_view source) {
  Side side;
  side.source = source;
  SideReader reader(side);
  const auto read = read_document(
      text, source, [&](const Checked& document) { reader.read(document); },
      [&](int depth, Json::parse_event_t event, Json& parsed) {
        return reader.filter(depth, event, parsed);
      });
  if (!read) return read.error();
  return side;
}

Result<Side> find_side(const std::string& name, const fs::path& baselines) {
  std::error_code ignored;
  const fs::path path = session::named_run(name);
  if (fs::is_directory(path, ignored)) {
    for (const auto* file : {kResults, kPackedResults}) {
      if (fs::exists(path / file, ignored)) return side_of_file(path / file);
    }
    if (!json_files(path).empty() || fs::equivalent(path, baselines, ignored)) return side_of_folder(path);
    return Error{Fault::usage, fmt::format("{}: no results.json in it, and no baseline", path.string()), 0,
                 "pass a run's directory or a folder of baselines"};
  }
  if (fs::exists(path, ignored)) return side_of_file(path);
  for (const auto& file : {baselines / name, baselines / (name + ".json")}) {
    if (!name.empty() && fs::is_regular_file(file, ignored)) return side_of_file(file);
  }
  return not_found(name, baselines);
}

}  // namespace probebench::gate
