// SPDX-License-Identifier: MIT
#include "session/target_run.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "remote/remote_run.h"
#include "session/native_target.h"
#include "session/target_end.h"
#include "session/vm_setup.h"
#include "wire/experiment_json.h"

namespace probebench::session {

bool TargetRun::prepare() {
  if (requested_.native) return true;
  // Building beside a measurement of time would disturb it.
  const auto turn = context_.slots.take_one();
  auto vm = turn ? prepare_target(context_.request, requested_, context_.project, context_.progress)
                 : Result<vm::PreparedVm>(turn.error());
  if (vm) {
    vm_ = std::move(*vm);
  } else {
    obstacle_ = vm.take_error();
  }
  return vm_.has_value();
}

std::string TargetRun::identity() const {
  if (requested_.native) return requested_.title();
  return (vm_ ? vm_->kernel.release : requested_.kernel) + requested_.id_suffix();
}

std::string TargetRun::suffix() const {
  const auto machine = !requested_.ssh.empty() && context_.preview.several() ? "+" + requested_.title() : "";
  return requested_.id_suffix() + machine + (ordinal_ > 1 ? fmt::format("#{}", ordinal_) : "");
}

RecorderPlace TargetRun::place() const {
  RecorderPlace place{.page = {index_}, .id_suffix = suffix(), .planned_cells = plan_.cells.size()};
  place.patience = std::max(place.patience, 2 * context_.request.silence_deadline);
  place.redaction = redaction();
  if (!context_.preview.several()) return place;
  place.file_label = file_label(vm_ ? vm_->kernel.release + suffix() : requested_.title());
  place.title = requested_.title();
  return place;
}

void TargetRun::run() {
  if (may_be_shared()) {
    auto shares = dealt({.cells = plan_.cells, .experiment = plan_.experiment});
    if (shares.size() > 1) return run_shared(std::move(shares));
  }
  run_alone();
}

void TargetRun::run_alone() {
  Recorder recorder(context_.book, place(), context_.progress);
  if (obstacle_) return take_error(recorder, *obstacle_);
  const auto outcome = run_target(recorder);
  if (context_.request.records_paths && outcome)
    add_anatomies(recorder, outcome->end, vm_->request.paths.output);
  if (may_be_shared()) learn(recorder.times());
  if (!outcome) return take_error(recorder, outcome.error());
  take_outcome(recorder, *outcome);
}

Result<vm::VmOutcome> TargetRun::run_target(Recorder& recorder) {
  const auto events = events_for(recorder);
  if (!requested_.ssh.empty()) return run_on_other_machine(events);
  if (requested_.native) return run_on_this_machine(events);
  vm_->request.guest_log = context_.book.directory().guest_log_path(place().file_label);
  if (context_.request.records_paths) {
    vm_->request.paths.output = fs::absolute(context_.book.directory().paths_path(place().file_label));
  }
  context_.progress.step(fmt::format("booting Linux {}", identity()));
  return vm::run_vm(*vm_, events, context_.progress);
}

// The agent's own words are redacted when it has ended; until then, and if this is killed, nobody else may
// read them.
Result<vm::VmOutcome> TargetRun::run_on_this_machine(const vm::VmEvents& events) {
  const auto log = context_.book.directory().guest_log_path(place().file_label);
  context_.progress.step("measuring the running kernel");
  const UniqueFd own(::open(log.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  auto module = TRY(native_module(context_.request, context_.project, context_.progress));
  auto outcome = run_native({.agent = context_.project.agent,
                             .module = std::move(module),
                             .cpu_list = context_.request.cpu_list,
                             .agent_log = log,
                             .silence_deadline = context_.request.silence_deadline},
                            events);
  if (context_.redaction == nullptr) return outcome;
  const auto told = read_file(log);
  if (!told) return outcome;
  const auto kept = write_file_atomic(log, context_.redaction->text(*told));
  if (!kept) add_line(result_.problem, kept.error().message());
  return outcome;
}

// Nothing is known of it before it says so itself.
Result<vm::VmOutcome> TargetRun::run_on_other_machine(const vm::VmEvents& events) {
  context_.progress.step("connecting to " + requested_.ssh);
  const auto keep_secrets = [this](remote::RemoteSecrets told) {
    if (!other_secrets_) return;
    other_secrets_ = Redaction({.kallsyms = std::move(told.kallsyms),
                                .host_name = std::move(told.host_name),
                                .command_line = std::move(told.command_line)});
  };
  return remote::run_over_ssh({.destination = requested_.ssh,
                               .agent = context_.project.agent,
                               .kmod_dir = context_.project.root / "kmod",
                               .script = context_.project.root / remote::kScript,
                               .agent_log = context_.book.directory().guest_log_path(place().file_label),
                               .cpu_list = context_.request.cpu_list,
                               .load_module = context_.request.load_module,
                               .tell_secrets = other_secrets_.has_value(),
                               .silence_deadline = context_.request.silence_deadline},
                              events, keep_secrets, context_.progress);
}

const Redaction* TargetRun::redaction() const {
  if (requested_.ssh.empty()) return context_.redaction;
  return other_secrets_ ? &*other_secrets_ : nullptr;
}

vm::VmEvents TargetRun::events_for(Recorder& recorder, const deal::Share* share) const {
  vm::VmEvents events;
  // It was made once already, for the likely clock.
  const auto plan_for = [this, share](ClockKind clock) {
    auto options = context_.request.plan;
    options.archs = {requested_.arch};
    auto planned = *plan::make_plan(options, clock);
    if (share != nullptr) {
      planned.plan.cells = share->cells;
      planned.plan.experiment = share->experiment;
    }
    planned.plan.paths = context_.request.records_paths;
    return planned;
  };
  events.plan_json = [plan_for](ClockKind clock) { return wire::encode_plan(plan_for(clock).plan); };
  events.on_start = [this, plan_for, &recorder](const vm::VmAttempt& attempt) {
    const auto planned = plan_for(attempt.clock);
    if (index_ == 0) {
      for (const auto& warning : planned.warnings) context_.progress.note("warning: " + warning);
    }
    recorder.start(attempt, planned.plan);
  };
  events.on_line = [&recorder](std::string_view line) { return recorder.take_line(line); };
  events.slots = &context_.slots;
  return events;
}

// The instructions themselves are kept only when they did not become what they should. Of a guest that was
// lost they end anywhere, which is no second problem.
void TargetRun::add_anatomies(Recorder& recorder, vm::VmOutcome::End end, const fs::path& paths) {
  std::vector<std::string> problems;
  if (recorder.started()) problems = recorder.add_anatomies(paths);
  for (const auto& problem : problems) {
    if (end == vm::VmOutcome::End::finished) add_line(result_.problem, problem);
  }
  if (!problems.empty()) anatomies_failed_ = true;
  std::error_code unimportant;
  if (problems.empty()) fs::remove(paths, unimportant);
}

TargetInfo TargetRun::never_started_info(const vm::VmAttempt* attempt) const {
  TargetInfo info;
  info.kind = requested_.native ? "native" : "vm";
  if (attempt != nullptr) {
    info.accel = attempt->native ? "none" : attempt->kvm ? "kvm" : "tcg";
    info.host = attempt->facts;
  }
  info.host["kernel.name"] = requested_.kernel;
  if (!requested_.kernel_args.empty()) info.host["kernel.extra_args"] = requested_.kernel_args;
  if (!requested_.cpu.empty()) info.host["qemu.requested_cpu"] = requested_.cpu;
  if (requested_.arch != ArchId::x86_64) info.host["arch"] = info_of(requested_.arch).name;
  const auto release = vm_ ? vm_->kernel.release : file_label(requested_.kernel);
  info.id = info.kind + "-" + (info.accel.empty() ? "" : info.accel + "-") + release + suffix();
  return info;
}

// Beside other targets, one that never came up still has its column.
void TargetRun::keep_never_started(Recorder& recorder, const vm::VmAttempt* attempt, const std::string& why) {
  if (!context_.preview.several()) return;
  const auto kept = recorder.finish_never_started(never_started_info(attempt), why, plan_);
  if (!kept) add_line(result_.problem, kept.error().message());
}

// A stop was asked for, or QEMU could not even start: partial results are shown when there are any.
void TargetRun::take_error(Recorder& recorder, const Error& error) {
  const bool interrupted = error.fault == Fault::interrupted;
  result_.exit_code = interrupted ? ExitCode::interrupted : exit_code_of(error.fault);
  add_line(result_.problem, error.message());
  if (!recorder.started()) {
    result_.error = error;
    if (!interrupted) keep_never_started(recorder, nullptr, error.message());
    return;
  }
  if (!interrupted) result_.exit_code = ExitCode::cell_failed;
  const auto status = recorder.finish(interrupted ? "interrupted" : error.message());
  if (!status) add_line(result_.problem, status.error().message());
}

void TargetRun::take_outcome(Recorder& recorder, const vm::VmOutcome& outcome) {
  if (!recorder.started()) return take_never_started(recorder, outcome);
  const std::string ended = why_ended(outcome);
  if (!recorder.console_text().empty() && recorder.end() && !recorder.failure()) {
    result_.console_text = recorder.console_text();
    return;
  }
  // A file that cannot be written is told; the table is shown all the same.
  const auto status = recorder.finish(ended);
  result_.exit_code = status ? recorder.exit_code() : ExitCode::cell_failed;
  add_line(result_.problem, ended);
  if (anatomies_failed_) result_.exit_code = ExitCode::cell_failed;
  result_.problem += log_tail(outcome) + told_by(recorder);
}

// The guest never came as far as to say what it is.
void TargetRun::take_never_started(Recorder& recorder, const vm::VmOutcome& outcome) {
  const auto ended = why_ended(outcome);
  result_.exit_code = recorder.exit_code();
  add_line(result_.problem, ended);
  result_.problem += told_by(recorder) + log_tail(outcome);
  std::string why = ended.empty() ? told_by(recorder) : ended;
  keep_never_started(recorder, &outcome.attempt, why.substr(0, why.find('\n')));
}

}  // namespace probebench::session
