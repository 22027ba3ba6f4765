// SPDX-License-Identifier: MIT
// What all targets of a run have told so far, and results.json, which is rewritten whenever one tells more: a
// run that is cut off keeps what it has. Targets are measured side by side, so any thread may write.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "anatomy/anatomy.h"
#include "base/result.h"
#include "model/experiment.h"
#include "model/run_record.h"
#include "results/run_directory.h"

namespace probebench::session {

// One target's part of the record.
struct TargetPage {
  std::optional<TargetRecord> target;  // absent: it has not introduced itself
  std::vector<CellRecord> cells;
  std::vector<anatomy::Anatomy> anatomies = {};  // of those whose path was recorded
  Experiments experiments = {};                  // of `reproduce`
  bool complete = false;                         // every planned cell finished
};

class RunBook {
 public:
  // `head` is what is known before any target runs.
  RunBook(RunRecord head, results::RunDirectory directory, std::size_t targets)
      : head_(std::move(head)), directory_(std::move(directory)), pages_(targets) {}

  Status write(std::size_t target, TargetPage page);
  // The run as a whole was cut off; nothing more will come.
  Status finish(const std::string& ended);
  // The clock of the first target that runs decides.
  void set_rounds(std::uint32_t rounds, std::uint64_t seed);

  RunRecord record() const;
  std::vector<TargetPage> pages() const;  // of the targets that introduced themselves, in order
  const results::RunDirectory& directory() const { return directory_; }

 private:
  RunRecord composed() const;

  mutable std::mutex mutex_;
  RunRecord head_;
  results::RunDirectory directory_;
  std::vector<TargetPage> pages_;
};

}  // namespace probebench::session
