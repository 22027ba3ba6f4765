// SPDX-License-Identifier: MIT
#include "gate/session.h"

#include <limits>

#include "document/checked_json.h"
#include "wire/json_value.h"

namespace probebench::gate {
namespace {

using document::Checked;
using document::read_document;
using wire::Json;

constexpr std::string_view kSessionFormat = "probebench-session";
constexpr int kSessionVersion = 1;

Json json_of(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(wire::json_of_number(value));
  return json;
}

Json json_of(const PairedValues& values) {
  return {
      {"base", json_of(values.base)}, {"head", json_of(values.head)}, {"control", json_of(values.control)}};
}

Json json_of(const PairedCell& cell) {
  Json json = {
      {"name", cell.name}, {"metric", cell.metric}, {"resolution", wire::json_of_number(cell.resolution)}};
  json["values"] = json_of(cell.values);
  json["confirmation"] = cell.confirmation ? json_of(*cell.confirmation) : Json(nullptr);
  return json;
}

std::vector<double> numbers_from(const Checked& value) {
  std::vector<double> numbers;
  for (const auto& item : value.items()) {
    numbers.push_back(item.is_null() ? std::numeric_limits<double>::quiet_NaN() : item.number());
  }
  return numbers;
}

PairedValues values_from(const Checked& value) {
  PairedValues values{.base = numbers_from(value.at("base")),
                      .head = numbers_from(value.at("head")),
                      .control = numbers_from(value.at("control"))};
  const auto blocks = values.base.size();
  if (values.head.size() != blocks || values.control.size() != blocks) {
    value.fail("base, head and control have not as many values each");
  }
  return values;
}

PairedCell paired_cell_from(const Checked& value) {
  PairedCell cell{.name = value.at("name").text(),
                  .metric = value.at("metric").text(),
                  .resolution = value.at("resolution").number(),
                  .values = values_from(value.at("values")),
                  .confirmation = {}};
  const auto confirmation = value.at("confirmation");
  if (!confirmation.is_null()) cell.confirmation = values_from(confirmation);
  return cell;
}

void read_into(Session& session, const Checked& document) {
  document.expect_format(kSessionFormat, kSessionVersion, "not a session of probebench's gate");
  session.seed = document.at("seed").count();
  session.blocks = document.at("blocks").count();
  session.extended = document.at("extended").truth();
  session.identical = document.at("identical").truth();
  // Sessions of before have neither.
  if (document.has("relinked")) session.relinked = document.at("relinked").truth();
  if (document.has("layouts")) session.layouts = document.at("layouts").count();
  session.any_handler = document.at("any_handler").truth();
  for (const auto& cell : document.at("cells").items()) session.cells.push_back(paired_cell_from(cell));
}

}  // namespace

std::string write_session(const Session& session) {
  Json json = {
      {"format", kSessionFormat},     {"version", kSessionVersion},     {"seed", session.seed},
      {"blocks", session.blocks},     {"relinked", session.relinked},   {"layouts", session.layouts},
      {"extended", session.extended}, {"identical", session.identical}, {"any_handler", session.any_handler}};
  json["cells"] = Json::array();
  for (const auto& cell : session.cells) json["cells"].push_back(json_of(cell));
  return wire::pretty(json);
}

Result<Session> read_session(std::string_view text, std::string_view source) {
  Session session;
  const auto read =
      read_document(text, source, [&](const Checked& document) { read_into(session, document); });
  if (!read) return read.error();
  return session;
}

}  // namespace probebench::gate
