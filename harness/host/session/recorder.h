// SPDX-License-Identifier: MIT
// What a target tells, as its part of the run's record.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deal/cell_costs.h"
#include "model/exit_code.h"
#include "model/run_record.h"
#include "session/redaction.h"
#include "session/run_book.h"
#include "session/run_request.h"
#include "session/target_anatomies.h"
#include "stream/stream_rules.h"
#include "vm/vm_target.h"
#include "wire/records.h"

namespace probebench::session {

// Turns what arrives from one target, line by line, into its part of the run's record and its files.

// What a recorder is told about its target before it starts.
struct RecorderPlace {
  PagePlace page = {};
  std::string id_suffix = {};     // sets its id apart from others of the same kernel
  std::string file_label = {};    // of benchmark.json; empty: the run has one target
  std::string title = {};         // begins the names of cells in the progress; empty: the run has one target
  std::size_t planned_cells = 0;  // as many as the progress counts on
  // A cell or a step that takes longer is none: several times what a target may be silent for.
  std::chrono::seconds patience{600};
  const Redaction* redaction = nullptr;  // of what is kept; none: all may be told
  bool shares_cells = false;             // with other guests; benchmark.json is theirs, too
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

  // Instead of finish(), of a guest that is lost: what it left another one measures. The cell in flight has
  // failed, and is not what another guest is lost for. Returns the names of the others.
  Result<std::vector<std::string>> give_up(const std::string& why);

  // The same of a guest whose whole share another one measures.
  void abandon();

  // What the run of this target comes to; after finish(), if it started.
  ExitCode exit_code() const;

  // The target has introduced itself.
  bool started() const { return page_.target.has_value(); }
  const TargetPage& page() const { return page_; }
  const std::string& console_text() const { return console_text_; }
  const std::string& benchmark_text() const { return benchmark_text_; }
  // How long each cell took that ended, and each step.
  const deal::Times& times() const { return times_; }
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
  double seconds_since_it_began() const;
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
  std::optional<CostPlan> cost_plan_;           // what a probe of the user's is called
  std::optional<stream::StreamReader> reader_;  // since start()
  std::vector<Cell> cells_;                     // that are planned
  bool lost_ = false;                           // a rule was broken
  ToldPaths told_paths_;
  bool given_up_ = false;
  std::optional<std::string> step_ = {};         // of an experiment, which is being measured
  std::chrono::steady_clock::time_point began_;  // the cell or step
  deal::Times times_;
  std::string benchmark_text_;
  std::string console_text_;
  std::optional<wire::End> end_;
  std::optional<Error> failure_;
};

}  // namespace probebench::session
