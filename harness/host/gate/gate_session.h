// SPDX-License-Identifier: MIT
// `gate --base .. --head ..`: measures both sides, for somebody to judge.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gate/limits.h"
#include "gate/match.h"
#include "gate/session.h"
#include "gate/side.h"
#include "gate/side_program.h"
#include "kernels/progress.h"

namespace probebench::gate {

// What stands in for unchanged code. Neither: the base once more.
struct Control {
  bool relinks = false;                       // every visit, of both sides too, is of a layout of its own
  std::vector<std::filesystem::path> builds;  // of the base's source, in other layouts; they take turns

  bool asked_for() const { return relinks || !builds.empty(); }
};

struct SessionRequest {
  SideSettings settings;
  RequestedSide base;
  RequestedSide head;
  std::vector<std::string> may_differ;
  Limits limits;        // say which cells are red, and which undecided
  unsigned pairs = 20;  // of noisy measurements; more where the cells need them
  Control control;
  bool confirms = true;             // a red cell is measured again
  bool records_paths = true;        // of counts that differ
  std::filesystem::path directory;  // exists; the session's files go there
};

struct MeasuredSides {
  Side base;
  Side head;
  MatchRules rules;
  std::optional<Session> session;  // absent: both sides count, and there was nothing to interleave
};

// Counts need one run of each side. Times need one session in which the sides alternate (base, head, control;
// control, head, base), each visit a process of its own.
Result<MeasuredSides> measure_sides(const SessionRequest& request, kernels::Progress& progress);

}  // namespace probebench::gate
