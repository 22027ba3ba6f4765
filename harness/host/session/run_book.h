// SPDX-License-Identifier: MIT
// results.json, as what all targets of a run tell.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "anatomy/anatomy.h"
#include "base/result.h"
#include "model/exit_code.h"
#include "model/experiment.h"
#include "model/run_record.h"
#include "results/run_directory.h"

namespace probebench::session {

// What all targets of a run have told so far, and results.json, which is rewritten whenever one tells more: a
// run that is cut off keeps what it has. Targets are measured side by side, so any thread may write.

// One target's part of the record.
struct TargetPage {
  std::optional<TargetRecord> target;  // absent: it has not introduced itself
  std::vector<CellRecord> cells;
  std::vector<anatomy::Anatomy> anatomies = {};  // of those whose path was recorded
  Experiments experiments = {};                  // of `reproduce`
  bool complete = false;                         // every planned cell finished
};

// Of the guests that share a target's cells, as of one that measured all of them. `planned`: their names, in
// order; empty: there is one guest.
TargetPage merged(const std::vector<TargetPage>& guests, const std::vector<std::string>& planned);

// What the cells of a run make of its exit code, whatever else befell it.
ExitCode exit_code_of_cells(const std::vector<CellRecord>& cells);
// Of what is measured side by side: one's failure is the run's only when no other did better.
ExitCode combined(const std::vector<ExitCode>& codes);

// Which part of a run's record is written.
struct PagePlace {
  std::size_t target = 0;
  std::size_t guest = 0;  // of those that share its cells
};

class RunBook {
 public:
  // `head` is what is known before any target runs.
  RunBook(RunRecord head, results::RunDirectory directory, std::size_t targets)
      : head_(std::move(head)), directory_(std::move(directory)), pages_(targets) {}

  // The target's cells are dealt to several guests.
  void share(std::size_t target, std::vector<std::string> planned);
  Status write(PagePlace place, const TargetPage& page);
  // The same once it is time: a file that grows with each cell is not written at each, but takes a small part
  // of a run.
  Status update(PagePlace place, const TargetPage& page);
  // The run as a whole was cut off; nothing more will come.
  Status finish(const std::string& ended);
  // The clock of the first target that runs decides.
  void set_rounds(std::uint32_t rounds, std::uint64_t seed);

  RunRecord record() const;
  std::vector<TargetPage> pages() const;  // of the targets that introduced themselves, in order
  const results::RunDirectory& directory() const { return directory_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Pages {
    std::vector<TargetPage> guests;
    std::vector<std::string> planned;
  };
  std::vector<TargetPage> merged_pages() const;
  RunRecord composed() const;
  Status write_all();

  mutable std::mutex mutex_;
  RunRecord head_;
  results::RunDirectory directory_;
  std::vector<Pages> pages_;
  Clock::time_point not_before_;  // a record that grows is written again
};

}  // namespace probebench::session
