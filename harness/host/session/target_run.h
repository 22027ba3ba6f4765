// SPDX-License-Identifier: MIT
// One target of a run, from its preparation to its last record.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "deal/experiment_deal.h"
#include "model/exit_code.h"
#include "session/project_paths.h"
#include "session/recorder.h"
#include "session/run_request.h"
#include "vm/run_slots.h"

namespace probebench::session {

// What the targets of a run share.
struct RunContext {
  const RunRequest& request;
  const ProjectPaths& project;
  const RunPreview& preview;
  RunBook& book;
  vm::RunSlots& slots;
  RunProgress& progress;
  const Redaction* redaction = nullptr;  // of this machine's running kernel's records; none: all may be told
};

struct TargetResult {
  ExitCode exit_code = ExitCode::fine;
  std::optional<Error> error;  // it could not run at all, or was interrupted before it told anything
  std::string problem;         // lines for standard error
  std::string console_text;    // of Google Benchmark, which was asked to list cells
};

class TargetRun {
 public:
  TargetRun(const RunContext& context, RequestedTarget target, std::size_t index)
      : context_(context), requested_(std::move(target)), index_(index), plan_(context.preview.plan) {
    std::erase_if(plan_.cells, [this](const Cell& cell) { return !is_on(cell, requested_.arch); });
    if (!requested_.ssh.empty() && !context.request.keep_addresses) other_secrets_.emplace(HostSecrets{});
  }

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
  // One of the guests that share what is measured.
  struct Guest;
  struct Task {
    std::size_t place;  // of what it tells in the target's record
    deal::Share share;
  };
  using Guests = std::vector<std::unique_ptr<Guest>>;

  void run_alone();
  void run_shared(std::vector<deal::Share> shares);
  bool may_be_shared() const;
  std::vector<deal::Share> dealt(const deal::Share& whole) const;
  std::vector<deal::Share> dealt_cells(const std::vector<Cell>& cells, std::size_t places) const;
  deal::CellCosts expected_costs() const;
  void learn(const deal::Times& times) const;
  std::unique_ptr<Guest> make_guest(std::size_t number, Task task);
  void run_guest(Guest& guest);
  bool was_lost(Guest& guest);
  std::vector<Cell> cells_left_by(Guest& guest);
  std::vector<Task> left_by(std::span<const std::unique_ptr<Guest>> guests, std::size_t places);
  void take_guest(Guest& guest, bool any_started);
  void take_guests(Guests& guests);
  void write_joined_benchmark(const Guests& guests);

  Result<vm::VmOutcome> run_target(Recorder& recorder);
  vm::VmEvents events_for(Recorder& recorder, const deal::Share* share = nullptr) const;
  RecorderPlace place() const;
  std::string suffix() const;
  Result<vm::VmOutcome> run_on_this_machine(const vm::VmEvents& events);
  Result<vm::VmOutcome> run_on_other_machine(const vm::VmEvents& events);
  const Redaction* redaction() const;
  void add_anatomies(Recorder& recorder, vm::VmOutcome::End end, const std::filesystem::path& paths);
  TargetInfo never_started_info(const vm::VmAttempt* attempt) const;
  void take_error(Recorder& recorder, const Error& error);
  void take_outcome(Recorder& recorder, const vm::VmOutcome& outcome);
  void take_never_started(Recorder& recorder, const vm::VmOutcome& outcome);
  void keep_never_started(Recorder& recorder, const vm::VmAttempt* attempt, const std::string& why);

  const RunContext& context_;
  RequestedTarget requested_;
  std::size_t index_;
  Plan plan_;  // of the rows that its architecture has
  int ordinal_ = 1;
  std::optional<vm::PreparedVm> vm_;
  std::optional<Error> obstacle_;           // why it was not prepared
  std::optional<Redaction> other_secrets_;  // of another machine: empty until it tells; none: all may be told
  bool anatomies_failed_ = false;
  TargetResult result_;
};

}  // namespace probebench::session
