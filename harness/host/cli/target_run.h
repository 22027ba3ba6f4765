// SPDX-License-Identifier: MIT
// One target of a run, from its preparation to its last record.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "cli/options.h"
#include "cli/wished_target.h"
#include "model/exit_code.h"
#include "session/project_paths.h"
#include "session/recorder.h"
#include "text/progress_bar.h"
#include "vm/run_slots.h"

namespace probebench {

// What the targets of a run share.
struct RunContext {
  const Options& options;
  const ProjectPaths& project;
  const Plan& plan;  // for the likely clock
  RunBook& book;
  RunSlots& slots;
  ConsoleProgress& progress;
  bool several = false;  // more than one target
};

struct TargetResult {
  ExitCode exit_code = ExitCode::fine;
  std::optional<Error> error;  // it could not run at all, or was interrupted before it told anything
  std::string problem;         // lines for standard error
  std::string console_text;    // of Google Benchmark, which was asked to list cells
};

class TargetRun {
 public:
  TargetRun(const RunContext& context, WishedTarget wish, std::size_t index)
      : context_(context), wish_(std::move(wish)), index_(index) {}

  // Kernel, module, QEMU. False: run() will only say why it failed.
  bool prepare();
  // Release and arguments.
  std::string identity() const;
  // Tells targets of the same identity apart: 1, 2, ... Call before run().
  void set_ordinal(int ordinal) { ordinal_ = ordinal; }
  // Boots and measures to the end. Targets may run side by side.
  void run();

  const TargetResult& result() const { return result_; }

 private:
  Result<VmOutcome> run_target(Recorder& recorder);
  VmEvents events_for(Recorder& recorder) const;
  RecorderPlace place() const;
  std::string suffix() const;
  bool records_paths() const;
  std::filesystem::path paths_file() const;
  void add_anatomies(Recorder& recorder, bool ran);
  TargetInfo unborn_info(const VmAttempt* attempt) const;
  void take_error(Recorder& recorder, const Error& error);
  void take_outcome(Recorder& recorder, const VmOutcome& outcome);
  void take_stillborn(Recorder& recorder, const VmOutcome& outcome);
  void keep_unborn(Recorder& recorder, const VmAttempt* attempt, const std::string& why);

  const RunContext& context_;
  WishedTarget wish_;
  std::size_t index_;
  int ordinal_ = 1;
  std::optional<PreparedVm> vm_;
  std::optional<Error> obstacle_;  // why it was not prepared
  bool anatomies_failed_ = false;
  TargetResult result_;
};

}  // namespace probebench
