// SPDX-License-Identifier: MIT
#include "anatomy/anatomy_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "anatomy/anatomy.h"
#include "wire/json_value.h"

namespace probebench::anatomy {
namespace {

constexpr int kSchemaVersion = 1;

struct ArrivalRow {
  Arrival id;
  std::string_view name;
};

constexpr std::array kArrivals{
    ArrivalRow{Arrival::onward, "onward"},
    ArrivalRow{Arrival::jump, "jump"},
    ArrivalRow{Arrival::call, "call"},
    ArrivalRow{Arrival::ret, "return"},
    ArrivalRow{Arrival::exception, "exception"},
    ArrivalRow{Arrival::system_call, "system-call"},
    ArrivalRow{Arrival::exception_return, "exception-return"},
};

wire::Json json_of_run(const Run& run) {
  return {{"symbol", run.symbol},
          {"depth", run.depth},
          {"phase", name_of(run.phase)},
          {"arrival", kArrivals[static_cast<std::size_t>(run.arrival)].name},
          {"instructions", run.count}};
}

Run run_from(const wire::Json& value) {
  return {value.at("symbol").get<std::string>(), value.at("depth").get<std::size_t>(),
          wire::id_from(kPhases, value.at("phase")), wire::id_from(kArrivals, value.at("arrival")),
          value.at("instructions").get<std::uint64_t>()};
}

wire::Json json_of_anatomy(const Anatomy& anatomy) {
  wire::Json phases;
  for (const auto& phase : kPhases) phases[std::string(phase.name)] = anatomy.of_phase(phase.id);
  wire::Json runs = wire::Json::array();
  for (const auto& run : anatomy.runs) runs.push_back(json_of_run(run));
  return {{"cell", anatomy.cell},
          {"target", anatomy.target},
          {"instructions", anatomy.total()},
          {"instructions_per_hit", anatomy.per_hit()},
          {"baseline_per_call", anatomy.baseline},
          {"exceptions_per_hit", anatomy.exceptions},
          {"repetitions_per_hit", anatomy.repetitions},
          {"phases", phases},
          {"runs", runs}};
}

Anatomy anatomy_from(const wire::Json& value) {
  Anatomy anatomy;
  value.at("cell").get_to(anatomy.cell);
  value.at("target").get_to(anatomy.target);
  value.at("baseline_per_call").get_to(anatomy.baseline);
  value.at("exceptions_per_hit").get_to(anatomy.exceptions);
  anatomy.repetitions = value.value("repetitions_per_hit", std::int64_t{0});  // not in files of before
  for (const auto& run : value.at("runs")) anatomy.runs.push_back(run_from(run));
  return anatomy;
}

// The format's separators are ';' between frames and the last blank.
std::string frame_text(std::string text) {
  std::ranges::replace(text, ';', ':');
  return text;
}

}  // namespace

std::string write_anatomies(const std::vector<Anatomy>& anatomies) {
  wire::Json list = wire::Json::array();
  for (const auto& anatomy : anatomies) list.push_back(json_of_anatomy(anatomy));
  return wire::pretty({{"schema_version", kSchemaVersion}, {"anatomies", list}}) + "\n";
}

Result<std::vector<Anatomy>> read_anatomies(std::string_view text) {
  try {
    const wire::Json value = wire::Json::parse(text);
    if (value.at("schema_version").get<int>() != kSchemaVersion) {
      return Error{Fault::infra, "anatomy.json of another schema version", 0, {}};
    }
    std::vector<Anatomy> anatomies;
    for (const auto& one : value.at("anatomies")) anatomies.push_back(anatomy_from(one));
    return anatomies;
  } catch (const std::exception& error) {
    return Error{Fault::infra, std::string("unreadable anatomy.json: ") + error.what(), 0, {}};
  }
}

std::string write_difference(const Anatomy& first, const Anatomy& second) {
  const auto change_of = [](std::uint64_t one, std::uint64_t other) {
    return wire::Json{
        {"first", one}, {"second", other}, {"change", SymbolDifference{{}, one, other}.change()}};
  };
  wire::Json symbols = wire::Json::array();
  for (const auto& row : difference(first, second)) {
    wire::Json json{{"symbol", row.symbol}};
    json.update(change_of(row.first, row.second));
    symbols.push_back(std::move(json));
  }
  wire::Json phases;
  for (const auto& phase : kPhases) {
    phases[std::string(phase.name)] = change_of(first.of_phase(phase.id), second.of_phase(phase.id));
  }
  return wire::pretty({{"schema_version", kSchemaVersion},
                       {"first", {{"cell", first.cell}, {"target", first.target}}},
                       {"second", {{"cell", second.cell}, {"target", second.target}}},
                       {"instructions", change_of(first.total(), second.total())},
                       {"phases", phases},
                       {"symbols", symbols}}) +
         "\n";
}

std::string folded(const std::vector<Anatomy>& anatomies) {
  std::vector<std::pair<std::string, std::uint64_t>> lines;
  for (const auto& anatomy : anatomies) {
    std::vector<std::string> stack{frame_text(anatomy.target), frame_text(anatomy.cell)};
    const auto roots = stack.size();
    for (const auto& run : anatomy.runs) {
      stack.resize(roots + run.depth);
      stack.push_back(frame_text(run.symbol));
      auto text = fmt::format("{}", fmt::join(stack, ";"));
      const auto known = std::ranges::find(lines, text, &std::pair<std::string, std::uint64_t>::first);
      if (known == lines.end()) {
        lines.emplace_back(std::move(text), run.count);
      } else {
        known->second += run.count;
      }
    }
  }
  std::string text;
  for (const auto& [stack, count] : lines) text += fmt::format("{} {}\n", stack, count);
  return text;
}

}  // namespace probebench::anatomy
