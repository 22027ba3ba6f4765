// SPDX-License-Identifier: MIT
// A target whose cells several guests share.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <thread>

#include "base/stop.h"
#include "deal/deal.h"
#include "results/benchmark_json.h"
#include "session/target_end.h"
#include "session/target_run.h"

namespace probebench::session {

struct TargetRun::Guest {
  std::size_t number;  // from 1, in the order in which they were started
  Task task;
  vm::PreparedVm vm;
  Recorder recorder;
  std::optional<Result<vm::VmOutcome>> outcome = {};
  bool given_up = false;  // others measure what it left
  bool replaced = false;  // another one measures its whole share
};

// A user's command and probe are for one guest, and Google Benchmark's flags are about all cells.
bool TargetRun::may_be_shared() const {
  const auto& experiment = plan_.experiment;
  const bool users = experiment.predict.asked() || experiment.cost;
  return vm_ && vm::counts_for_sure(*vm_) && !users && plan_.benchmark_args.empty();
}

deal::CellCosts TargetRun::expected_costs() const {
  return deal::CellCosts::load(vm_->cache, requested_.title());
}

// Paths take time that a run without them does not; and a table that cannot be kept is no fault of the run.
void TargetRun::learn(const deal::Times& times) const {
  if (context_.request.records_paths || (times.cells.empty() && times.steps.empty())) return;
  auto costs = expected_costs();
  costs.observe(times, plan_.rounds);
  [[maybe_unused]] const auto kept = costs.save(vm_->cache);
}

std::vector<deal::Share> TargetRun::dealt(const deal::Share& whole) const {
  const auto places =
      deal::places_of(index_, context_.preview.targets.size(), jobs_of(context_.request.jobs));
  if (whole.experiment.steps() == 0) return dealt_cells(whole.cells, places);
  const auto& seed = context_.request.deal_seed;
  if (seed) return deal::in_order_at_random(whole, std::max<std::size_t>(2, places), *seed);
  return deal::in_order(whole, expected_costs(), plan_.rounds, places);
}

std::vector<deal::Share> TargetRun::dealt_cells(const std::vector<Cell>& cells, std::size_t places) const {
  const auto expected = expected_costs().expected_s(cells, plan_.rounds);
  const auto& seed = context_.request.deal_seed;
  const auto positions = seed ? deal::at_random(cells.size(), std::max<std::size_t>(2, places), *seed)
                              : deal::longest_first(expected, deal::guests_worth(expected, places));
  std::vector<deal::Share> shares;
  for (const auto& share : positions) {
    auto& one = shares.emplace_back();
    for (const auto position : share) one.cells.push_back(cells[position]);
  }
  return shares;
}

// The first has the files of a guest that is alone.
std::unique_ptr<TargetRun::Guest> TargetRun::make_guest(std::size_t number, Task task) {
  auto own_place = place();
  own_place.page.guest = task.place;
  own_place.planned_cells = task.share.cells.size();
  own_place.shares_cells = true;
  const auto& directory = context_.book.directory();
  const auto& of_target = own_place.file_label;
  const auto second = (of_target.empty() ? "" : of_target + ",") + std::to_string(number);
  const auto label = number == 1 ? of_target : second;
  auto vm = *vm_;
  vm.request.guest_log = directory.guest_log_path(label);
  if (context_.request.records_paths) vm.request.paths.output = fs::absolute(directory.paths_path(label));
  return std::make_unique<Guest>(Guest{.number = number,
                                       .task = std::move(task),
                                       .vm = std::move(vm),
                                       .recorder{context_.book, std::move(own_place), context_.progress}});
}

void TargetRun::run_guest(Guest& guest) {
  context_.progress.step(fmt::format("booting Linux {}", identity()));
  guest.outcome = vm::run_vm(guest.vm, events_for(guest.recorder, &guest.task.share), context_.progress);
}

// One that says what is not so, or that says itself why it ended, is not lost, and is not tried again.
bool TargetRun::was_lost(Guest& guest) {
  const auto& outcome = *guest.outcome;
  const bool ended = outcome && outcome->end != vm::VmOutcome::End::finished;
  if (!ended || guest.recorder.failure() || stop_requested()) return false;
  add_line(result_.problem, why_ended(*outcome));
  result_.problem += log_tail(*outcome);
  return true;
}

std::vector<Cell> TargetRun::cells_left_by(Guest& guest) {
  guest.given_up = true;
  auto& recorder = guest.recorder;
  const auto& cells = guest.task.share.cells;
  if (!recorder.started()) return cells;
  const auto left = recorder.give_up(why_ended(**guest.outcome));
  if (!left) add_line(result_.problem, left.error().message());
  std::vector<Cell> left_cells;
  std::ranges::copy_if(cells, std::back_inserter(left_cells), [&](const Cell& cell) {
    return left && std::ranges::find(*left, cell.name()) != left->end();
  });
  return left_cells;
}

// Of the guests that were lost. Experiments are measured again as a whole, and take the lost one's place;
// what is left of cells is dealt anew.
std::vector<TargetRun::Task> TargetRun::left_by(std::span<const std::unique_ptr<Guest>> guests,
                                                std::size_t places) {
  std::vector<Task> tasks;
  std::vector<Cell> cells;
  for (const auto& guest : guests) {
    if (!was_lost(*guest)) continue;
    if (guest->task.share.experiment.steps() == 0) {
      std::ranges::move(cells_left_by(*guest), std::back_inserter(cells));
      continue;
    }
    guest->replaced = true;
    guest->recorder.abandon();
    tasks.push_back(guest->task);
  }
  for (auto& share : dealt({.cells = cells})) tasks.push_back({places++, std::move(share)});
  return tasks;
}

// A kernel that loses guest after guest is given up.
void TargetRun::run_shared(std::vector<deal::Share> shares) {
  constexpr int kMoreDeals = 2;
  std::vector<std::string> planned;
  for (const auto& cell : plan_.cells) planned.push_back(cell.name());
  context_.book.share(index_, std::move(planned));
  std::vector<Task> tasks;
  auto more_cells = -static_cast<std::ptrdiff_t>(plan_.cells.size());  // that several guests measure
  for (auto& share : shares) {
    more_cells += static_cast<std::ptrdiff_t>(share.cells.size());
    tasks.push_back({tasks.size(), std::move(share)});
  }
  context_.progress.correct(more_cells);
  Guests guests;
  for (int deals = 0; !tasks.empty(); ++deals) {
    const auto first = guests.size();
    for (auto& task : tasks) guests.push_back(make_guest(guests.size() + 1, std::move(task)));
    {
      std::vector<std::jthread> running;
      for (auto i = first; i < guests.size(); ++i) running.emplace_back([&, i] { run_guest(*guests[i]); });
    }
    if (deals == kMoreDeals) break;
    tasks = left_by(std::span(guests).subspan(first), guests.size());
  }
  take_guests(guests);
}

// Where one guest came up, those that did not are part of the same target.
void TargetRun::take_guest(Guest& guest, bool any_started) {
  const auto& outcome = *guest.outcome;
  auto& recorder = guest.recorder;
  if (recorder.started() || !any_started)
    return outcome ? take_outcome(recorder, *outcome) : take_error(recorder, outcome.error());
  const auto why = outcome ? why_ended(*outcome) : outcome.error().message();
  add_line(result_.problem, why);
  result_.exit_code = outcome ? recorder.exit_code() : exit_code_of(outcome.error().fault);
  Plan plan;
  plan.cells = guest.task.share.cells;
  const auto* attempt = outcome ? &outcome->attempt : nullptr;
  const auto kept = recorder.finish_never_started(never_started_info(attempt), why, plan);
  if (!kept) add_line(result_.problem, kept.error().message());
}

void TargetRun::take_guests(Guests& guests) {
  const auto came_up = [](const auto& guest) { return guest->recorder.started(); };
  const bool any_started = std::ranges::any_of(guests, came_up);
  std::vector<ExitCode> codes;
  deal::Times times;
  for (auto& guest : guests) {
    const auto& recorder = guest->recorder;
    std::ranges::copy(recorder.times().cells, std::back_inserter(times.cells));
    std::ranges::copy(recorder.times().steps, std::back_inserter(times.steps));
    if (guest->replaced) continue;
    const bool dissected = context_.request.records_paths && *guest->outcome;
    if (dissected) add_anatomies(guest->recorder, (**guest->outcome).end, guest->vm.request.paths.output);
    if (!guest->given_up) {
      take_guest(*guest, any_started);
    } else if (recorder.started()) {
      result_.exit_code = recorder.exit_code();
    } else {
      continue;
    }
    codes.push_back(result_.exit_code);
  }
  result_.exit_code = combined(codes);
  write_joined_benchmark(guests);
  learn(times);
}

// As one guest would have written it.
void TargetRun::write_joined_benchmark(const Guests& guests) {
  std::vector<std::string> texts;
  for (const auto& guest : guests) {
    if (!guest->recorder.benchmark_text().empty()) texts.push_back(guest->recorder.benchmark_text());
  }
  if (texts.empty()) return;
  std::vector<std::string> order;
  for (const auto& cell : plan_.cells) order.push_back(cell.name());
  auto joined = results::join_benchmark_json(std::move(texts), order);
  const auto written = joined ? context_.book.directory().write_benchmark(
                                    *std::move(joined), ClockKind::instructions, place().file_label)
                              : Status(joined.error());
  if (written) return;
  add_line(result_.problem, written.error().message());
  result_.exit_code = ExitCode::cell_failed;
}

}  // namespace probebench::session
