// SPDX-License-Identifier: MIT
// Everything that one run has to say: the content of results.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/environment.h"
#include "model/sample.h"
#include "model/summary.h"

namespace probebench::inline model {

struct ToolInfo {
  std::string name = "probebench";
  std::string version;

  bool operator==(const ToolInfo&) const = default;
};

struct TargetRecord {
  TargetInfo info;                            // of one that never came up: what is known of it
  std::string fingerprint = {};               // see results/fingerprint.h; empty: it never came up
  std::string ended = {};                     // why it ended early; empty: it did not, or it still runs
  std::optional<std::string> in_flight = {};  // name of the cell being measured then
  std::vector<std::string> not_run = {};      // names of its other planned cells that did not end

  bool operator==(const TargetRecord&) const = default;
};

struct CellRecord {
  std::string target;  // TargetInfo::id
  CellResult result;
  Summary summary;

  bool operator==(const CellRecord&) const = default;
};

struct RunRecord {
  ToolInfo tool;
  std::string started;               // iso8601_utc(), see results/timestamp.h
  std::vector<std::string> command;  // argv
  std::uint64_t seed = 1;
  std::uint32_t rounds = 3;
  std::vector<TargetRecord> targets;
  std::vector<CellRecord> cells;  // finished ones, in order, target by target
  bool complete = false;          // every planned cell of every target finished
  std::string ended;              // why the run ended early; empty: it did not, or it still runs

  bool operator==(const RunRecord&) const = default;
};

}  // namespace probebench::inline model
