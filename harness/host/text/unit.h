// SPDX-License-Identifier: MIT
// What the cost column counts on a target, and how to say so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/run_record.h"

namespace probebench::text {

struct Unit {
  std::optional<Metric> Summary::*metric;
  std::string_view header;      // of the column
  std::string_view meaning;     // for the line below the table
  std::string_view known_note;  // a note that every row has, said once by `meaning`
};

// Of the metrics that may lead on the target, the first that every measured row has, else the last.
Unit unit_for(const TargetInfo& target, const std::vector<const CellRecord*>& rows);

// "vm, QEMU 7.2.22 TCG, Linux 6.12...: one insn is ..."
std::string machine_and_unit(const TargetInfo& target, const Unit& unit);

}  // namespace probebench::text
