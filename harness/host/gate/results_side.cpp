// SPDX-License-Identifier: MIT
#include "gate/results_side.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "base/file.h"
#include "document/checked_json.h"
#include "gate/baseline.h"
#include "results/cell_texts.h"
#include "results/fingerprint.h"
#include "results/packed_file.h"
#include "results/results_json.h"
#include "session/project_paths.h"

namespace probebench::gate {
namespace {

using document::Checked;
using document::read_document;

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
    if (!metric.is_null()) cell.figures.push_back({field.name, metric_from(metric, least_of(field))});
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

std::vector<SideCell> unreached_of(const SideTarget& target, const Checked& value) {
  std::vector<SideCell> cells;
  const auto in_flight = value.at("in_flight").text_or_null();
  if (!in_flight.empty()) cells.push_back(never_measured(in_flight, target));
  for (const auto& name : value.at("not_run").items()) cells.push_back(never_measured(name.text(), target));
  return cells;
}

class SideReader {
 public:
  explicit SideReader(std::string_view source) { side_.source = source; }

  void read_head(const Checked& document) {
    check_kind(document);
    side_.started = document.at("started").text();
    side_.tool_version = document.at("tool").at("version").text();
    for (const auto& value : document.at("targets").items()) {
      side_.targets.push_back(target_from(value));
      unreached_.push_back(unreached_of(side_.targets.back(), value));
    }
    if (side_.targets.empty()) document.fail("no target: nothing was measured");
  }

  void add_cell(const Checked& value) {
    auto& target = target_of(side_, value);
    auto cell = measured_cell_from(value);
    if (!names_.insert(target.id + '\n' + cell.name).second) {
      value.fail("the cell is there twice: " + cell.name);
    }
    target.cells.push_back(std::move(cell));
  }

  // When all cells were added.
  Side side() && {
    for (std::size_t i = 0; i < side_.targets.size(); ++i) {
      auto& target = side_.targets[i];
      std::ranges::move(unreached_[i], std::back_inserter(target.cells));
      target.others.emplace("probebench.version", side_.tool_version);
    }
    return std::move(side_);
  }

 private:
  Side side_;
  std::vector<std::vector<SideCell>> unreached_;  // of each target
  std::unordered_set<std::string> names_;         // of the cells so far
};

// Absent: it is not laid out as the program does it, or something is wrong with it.
std::optional<Side> side_cell_by_cell(results::CellTexts texts, std::string_view source) {
  SideReader reader(source);
  document::PartReader parts;
  const auto head = texts.head();
  const auto read_head = [&](const Checked& document) { reader.read_head(document); };
  if (!head || !parts.read(*head, {}, read_head)) return std::nullopt;
  const auto add = [&](const Checked& cell) { reader.add_cell(cell); };
  const auto cells = document::Place().in("cells");
  for (std::size_t i = 0;; ++i) {
    const auto text = texts.next();
    if (!text) break;
    if (!parts.read(*text, cells.in(i), add)) return std::nullopt;
  }
  if (!texts.ended_well()) return std::nullopt;
  return std::move(reader).side();
}

// Any JSON; says what is wrong, and where.
Result<Side> side_of_document(std::string_view text, std::string_view source) {
  SideReader reader(source);
  TRY(read_document(text, source, [&](const Checked& document) {
    reader.read_head(document);
    for (const auto& cell : document.at("cells").items()) reader.add_cell(cell);
  }));
  return std::move(reader).side();
}

// Absent: it has to be read whole.
std::optional<Side> side_of_stream(const fs::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found = {};
  if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  const auto more = [&](std::span<char> place) {
    const auto got = ::read(file.get(), place.data(), place.size());
    return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
  };
  return side_cell_by_cell(results::CellTexts(more), path.string());
}

constexpr const char* kResults = "results.json";
constexpr const char* kPackedResults = "results.json.gz";

bool says_baseline(const std::string& text) {
  // The first member of a baseline; a results file begins with its schema_version.
  return text.substr(0, 200).find("\"probebench-baseline\"") != std::string::npos;
}

Result<Side> side_of_whole_file(const fs::path& path) {
  const auto text = results::read_packed_file(path);
  if (!text && text.error().fault == Fault::usage) return text.error();
  if (!text) return Error{Fault::usage, "read " + path.string(), text.error().err, "check the name"};
  if (!says_baseline(*text)) return side_from_results(*text, path.string());
  auto baseline = TRY(read_baseline(*text, path.string()));
  return side_of(std::move(baseline), path.string());
}

Result<Side> side_of_file(const fs::path& path) {
  auto streamed = side_of_stream(path);
  auto side = streamed ? *std::move(streamed) : TRY(side_of_whole_file(path));
  if (!side.is_baseline) side.folder = path.has_parent_path() ? path.parent_path().string() : ".";
  return side;
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
  const auto more = [rest = text](std::span<char> place) mutable {
    const auto size = rest.copy(place.data(), place.size());
    rest.remove_prefix(size);
    return size;
  };
  auto side = side_cell_by_cell(results::CellTexts(more), source);
  if (side) return *std::move(side);
  return side_of_document(text, source);
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
