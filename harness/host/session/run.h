// SPDX-License-Identifier: MIT
// A run from its request to what came of it: targets are prepared, booted and measured side by side, and the
// run's directory is written as they tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "anatomy/anatomy.h"
#include "base/result.h"
#include "model/exit_code.h"
#include "model/run_record.h"
#include "results/run_directory.h"
#include "session/recorder.h"
#include "session/run_request.h"

namespace probebench::session {

struct RunOutcome {
  ExitCode exit_code = ExitCode::fine;
  std::string problem = {};                             // lines that say what went wrong
  bool several = false;                                 // more than one target was asked for
  RunRecord record = {};                                // without targets: none introduced itself
  std::vector<TargetPage> pages = {};                   // of the targets that did, in order
  std::optional<results::RunDirectory> directory = {};  // absent: the run left nothing
  std::string cell_list = {};  // Google Benchmark was asked to list the cells, and nothing was measured

  std::vector<anatomy::Anatomy> anatomies() const;  // of all targets, in order
};

// What stops the only target is an error, and so is what stops all of them before they begin.
Result<RunOutcome> run(const RunRequest& request, RunProgress& progress);

}  // namespace probebench::session
