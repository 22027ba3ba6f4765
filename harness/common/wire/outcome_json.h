// SPDX-License-Identifier: MIT
// Members that every record of an experiment has.
#pragma once

#include "model/hit_count.h"
#include "wire/json_value.h"

namespace probebench::wire {

struct StatusRow {
  CellStatus id;
  std::string_view name;
};

inline constexpr std::array kStatuses{StatusRow{CellStatus::measured, name_of(CellStatus::measured)},
                                      StatusRow{CellStatus::skipped, name_of(CellStatus::skipped)},
                                      StatusRow{CellStatus::errored, name_of(CellStatus::errored)},
                                      StatusRow{CellStatus::invalid, name_of(CellStatus::invalid)}};

template <typename Record>
void put_outcome(Json& json, const Record& record) {
  json["status"] = name_of(record.status);
  json["reason"] = json_of_text(record.reason);
}

template <typename Record>
void read_outcome(Record& record, const Json& value) {
  record.status = id_from(kStatuses, value.at("status"));
  record.reason = text_from(value.at("reason"));
}

inline Json json_of_hit_count(const HitCount& hits) {
  return {{"expected", hits.expected}, {"counted", hits.counted}, {"missed", hits.missed}};
}

inline HitCount hit_count_from(const Json& value) {
  return {whole_from<std::uint64_t>(value.at("expected")), whole_from<std::uint64_t>(value.at("counted")),
          whole_from<std::uint64_t>(value.at("missed"))};
}

}  // namespace probebench::wire
