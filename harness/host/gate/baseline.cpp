// SPDX-License-Identifier: MIT
#include "gate/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/digest.h"
#include "base/safe_path.h"
#include "document/checked_json.h"
#include "wire/json_value.h"

namespace probebench::gate {
namespace {

using document::Checked;
using document::read_document;
using wire::Json;

constexpr std::string_view kFormat = "probebench-baseline";
constexpr int kVersion = 1;
constexpr std::size_t kShortHex = 8;
// In the order they are written; an update with the same content leaves the same file.
constexpr std::array<std::string_view, 2> kStatuses{"measured", "skipped"};

bool is_judged(std::string_view fact) {
  return std::ranges::find(kJudgedFacts, fact) != kJudgedFacts.end();
}

std::string line_of(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text;
}

Json json_of(const BaselineUpdate& update) {
  return {{"when", update.when},
          {"reason", update.reason},
          {"tool_version", update.tool_version},
          {"changed_cells", update.changed}};
}

// "instructions_per_hit": 103 is all there is to say of an exact metric.
Json json_of(const SideCell& cell) {
  Json json;
  json["status"] = name_of(cell.status);
  if (cell.status == CellStatus::skipped) {
    json["reason"] = cell.reason;
    return json;
  }
  json["state"] = cell.state;
  for (const auto& figure : cell.figures)
    json[std::string(figure.metric)] = wire::json_of_number(figure.value.value);
  return json;
}

// `"name": [` or `{`, one element a line, and the closing bracket.
template <typename Lines>
std::string block(std::string_view name, const Lines& lines, std::string_view brackets) {
  std::string text = fmt::format("\"{}\": {}", name, brackets[0]);
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "\n  " : ",\n  ") + lines[i];
  return text + "\n" + brackets[1];
}

std::vector<std::string> fact_lines(const Facts& facts) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : facts) lines.push_back(line_of(name) + ": " + line_of(value));
  return lines;
}

BaselineUpdate update_from(const Checked& value) {
  return {.when = value.at("when").text(),
          .reason = value.at("reason").text(),
          .tool_version = value.at("tool_version").text(),
          .changed = value.at("changed_cells").count()};
}

Figure exact_figure(std::string_view metric, double value) {
  Metric exact;
  exact.value = exact.low = exact.high = exact.low_quantile = value;
  exact.metric_class = MetricClass::exact;
  return {metric, exact};
}

SideCell baseline_cell_from(const std::string& name, const Checked& value) {
  SideCell cell;
  cell.name = name;
  const bool measured = value.at("status").one_of(kStatuses) == 0;
  cell.status = measured ? CellStatus::measured : CellStatus::skipped;
  if (!measured) {
    cell.reason = value.at("reason").text();
    return cell;
  }
  cell.state = value.at("state").text();
  for (const auto& field : kMetrics) {
    if (!value.has(field.name)) continue;
    cell.figures.push_back(exact_figure(field.name, value.at(field.name).exact_count(least_of(field))));
  }
  if (cell.figures.empty()) value.fail("a measured cell without a count");
  return cell;
}

void read_into(Baseline& baseline, const Checked& document) {
  document.expect_format(kFormat, kVersion, "not a baseline of probebench");
  auto& target = baseline.target;
  target.id = document.at("target").text();
  target.fingerprint = document.at("fingerprint").text();
  for (const auto& [name, fact] : document.at("facts").members()) target.identity.emplace(name, fact.text());
  for (const auto& update : document.at("updates").items()) baseline.updates.push_back(update_from(update));
  for (const auto& [name, cell] : document.at("cells").members()) {
    target.cells.push_back(baseline_cell_from(name, cell));
  }
}

std::string place_of(const SideTarget& target) {
  std::string text;
  for (const auto& [name, value] : target.identity) {
    if (!is_judged(name)) text += fmt::format("{}={}\n", name, value);
  }
  return sha256_text(text);
}

bool same(const SideCell& a, const SideCell& b) {
  return line_of(json_of(a)) == line_of(json_of(b));
}

std::size_t changed_cells(const SideTarget& now, const Baseline* earlier) {
  if (earlier == nullptr) return now.cells.size();
  const auto& before = earlier->target;
  const auto differs = [](const SideTarget& from) {
    return [&from](const SideCell& cell) {
      const auto* other = find_cell(from, cell.name);
      return other == nullptr || !same(cell, *other);
    };
  };
  return static_cast<std::size_t>(std::ranges::count_if(now.cells, differs(before)));
}

bool is_exact(const Figure& figure) {
  return figure.value.metric_class == MetricClass::exact;
}

Error unfit(const SideTarget& target, const SideCell& cell, std::string_view why) {
  return {Fault::usage, fmt::format("baseline of {}: {} cannot be accepted: {}", target.id, cell.name, why),
          0, "measure again, or leave the cell out of the run"};
}

// What the baseline keeps of a cell.
Result<SideCell> accepted(const SideTarget& target, SideCell cell) {
  if (cell.status == CellStatus::skipped) return cell;
  if (cell.status != CellStatus::measured) {
    return unfit(target, cell, fmt::format("it is {}: {}", name_of(cell.status), cell.reason));
  }
  std::string note;
  for (const auto& figure : cell.figures) note = figure.value.note.empty() ? note : figure.value.note;
  std::erase_if(cell.figures, [](const Figure& figure) { return !is_exact(figure); });
  if (!cell.figures.empty()) return cell;
  return unfit(
      target, cell,
      note.empty() ? "times are noisy; a baseline keeps exact counts" : "its count is not exact: " + note);
}

// A run of a few types says nothing of the others. Then the lines stay where they were, for a diff to show
// what changed.
void keep_others(SideTarget& now, const Baseline* earlier) {
  if (earlier == nullptr) return;
  const auto& before = earlier->target;
  const auto has = [](const SideTarget& target) {
    return [&target](const SideCell& cell) { return find_cell(target, cell.name) != nullptr; };
  };
  if (std::ranges::all_of(before.cells, has(now))) return;
  auto cells = before.cells;
  for (auto& cell : cells) {
    if (const auto* anew = find_cell(now, cell.name)) cell = *anew;
  }
  std::ranges::copy_if(now.cells, std::back_inserter(cells), std::not_fn(has(before)));
  now.cells = std::move(cells);
}

}  // namespace

std::string write_baseline(const Baseline& baseline) {
  const auto& target = baseline.target;
  std::vector<std::string> updates;
  for (const auto& update : baseline.updates) updates.push_back(line_of(json_of(update)));
  std::vector<std::string> cells;
  for (const auto& cell : target.cells) cells.push_back(line_of(cell.name) + ": " + line_of(json_of(cell)));
  return fmt::format("{{\n\"format\": \"{}\",\n\"version\": {},\n\"target\": {},\n\"fingerprint\": {},\n",
                     kFormat, kVersion, line_of(target.id), line_of(target.fingerprint)) +
         block("facts", fact_lines(target.identity), "{}") + ",\n" + block("updates", updates, "[]") + ",\n" +
         block("cells", cells, "{}") + "\n}\n";
}

Result<Baseline> read_baseline(std::string_view text, std::string_view source) {
  Baseline baseline;
  const auto read =
      read_document(text, source, [&](const Checked& document) { read_into(baseline, document); });
  if (!read) return read.error();
  return baseline;
}

Result<std::string> baseline_file_name(const SideTarget& target) {
  const auto id = TRY(file_name_of(target.id, "target", Fault::usage));
  return fmt::format("{}-{}.json", id, place_of(target).substr(0, kShortHex));
}

Result<Baseline> updated_baseline(const SideTarget& target, const Baseline* earlier, BaselineUpdate update) {
  Baseline baseline;
  baseline.target = target;
  baseline.target.others.clear();
  baseline.target.cells.clear();
  for (const auto& cell : target.cells) {
    auto kept = TRY(accepted(target, cell));
    baseline.target.cells.push_back(std::move(kept));
  }
  keep_others(baseline.target, earlier);
  if (std::ranges::find(baseline.target.cells, CellStatus::measured, &SideCell::status) ==
      baseline.target.cells.end()) {
    return Error{Fault::usage, fmt::format("baseline of {}: no cell was measured", target.id), 0, {}};
  }
  if (earlier != nullptr) baseline.updates = earlier->updates;
  update.changed = changed_cells(baseline.target, earlier);
  baseline.updates.push_back(std::move(update));
  return baseline;
}

Side side_of(Baseline baseline, std::string_view source) {
  Side side;
  side.source = source;
  side.is_baseline = true;
  side.started = baseline.updates.empty() ? "" : baseline.updates.back().when;
  side.targets.push_back(std::move(baseline.target));
  return side;
}

}  // namespace probebench::gate
