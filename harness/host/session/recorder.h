// SPDX-License-Identifier: MIT
// What the targets of a run tell, and results.json, which is made of it.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anatomy/anatomy.h"
#include "base/result.h"
#include "model/exit_code.h"
#include "model/experiment.h"
#include "model/run_record.h"
#include "results/run_directory.h"
#include "session/redaction.h"
#include "session/run_request.h"
#include "session/stream_rules.h"
#include "session/target_anatomies.h"
#include "vm/vm_target.h"
#include "wire/records.h"

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

// What the cells of a run make of its exit code, whatever else befell it.
ExitCode exit_code_of_cells(const std::vector<CellRecord>& cells);

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

// Turns what arrives from one target, line by line, into its part of the run's record and its files.

// What a recorder is told about its target before it starts.
struct RecorderPlace {
  std::size_t index = 0;          // of the target's page
  std::string id_suffix = {};     // sets its id apart from others of the same kernel
  std::string file_label = {};    // of benchmark.json; empty: the run has one target
  std::string title = {};         // begins the names of cells in the progress; empty: the run has one target
  std::size_t planned_cells = 0;  // as many as the progress counts on
  // A cell or a step that takes longer is none: several times what a target may be silent for.
  std::chrono::seconds patience{600};
  const Redaction* redaction = nullptr;  // of what is kept; none: all may be told
};

class Recorder {
 public:
  Recorder(RunBook& book, RecorderPlace place, RunProgress& progress)
      : book_(book), place_(std::move(place)), progress_(progress) {}

  // The attempt that counts has sent its first line.
  void start(const vm::VmAttempt& attempt, const Plan& plan);
  // True when nothing more is wanted: the last record, or a line or a file that failed us.
  bool take_line(std::string_view line);
  // Adds what the recorded paths say; before finish(). Returns a line for each cell whose path is missing or
  // wrong.
  std::vector<std::string> add_anatomies(const std::filesystem::path& recorded);
  // No more lines will come; `ended` says why when they ended early. A broken rule is such a reason too.
  Status finish(const std::string& ended);
  // The target never introduced itself, and its column shall say why.
  Status finish_never_started(TargetInfo info, const std::string& ended, const Plan& plan);

  // What the run of this target comes to; after finish(), if it started.
  ExitCode exit_code() const;

  // The target has introduced itself.
  bool started() const { return page_.target.has_value(); }
  const TargetPage& page() const { return page_; }
  const std::string& console_text() const { return console_text_; }
  const std::optional<wire::End>& end() const { return end_; }
  // The target called something measured that is not.
  bool contradicted() const { return reader_ && reader_->contradicted(); }
  // What broke on the host's side, or the rule that the target broke.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void take(wire::Hello hello);
  void take(const wire::CellBegin& begin);
  void take(wire::CellEnd end);
  void take(const wire::Symbols& piece) { told_paths_.symbols += piece.text; }
  void take(wire::CellPaths paths) { told_paths_.cells.push_back(std::move(paths)); }
  void take(wire::Experiment experiment);
  void take_cost(ProbeCost cost);
  void take(const wire::BenchmarkText& text) { benchmark_text_ += text.text; }
  void take(const wire::ConsoleText& text) { console_text_ += text.text; }
  void take(const wire::End& end);
  void begin_step(const std::string& name);
  void end_step();
  void keep_cell(CellRecord cell);
  void keep(const Status& status);
  std::string tellable(const std::string& text) const;

  RunBook& book_;
  RecorderPlace place_;
  RunProgress& progress_;
  TargetPage page_;
  TargetInfo info_;
  std::optional<CostPlan> cost_plan_;   // what a probe of the user's is called
  std::optional<StreamReader> reader_;  // since start()
  bool lost_ = false;                   // a rule was broken
  ToldPaths told_paths_;
  bool in_step_ = false;  // of an experiment
  std::string benchmark_text_;
  std::string console_text_;
  std::optional<wire::End> end_;
  std::optional<Error> failure_;
};

}  // namespace probebench::session
