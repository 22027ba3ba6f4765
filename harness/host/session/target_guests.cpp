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
  std::vector<Cell> cells;
  vm::PreparedVm vm;
  Recorder recorder;
  std::optional<Result<vm::VmOutcome>> outcome = {};
  bool given_up = false;  // others measure what it left
};

// Experiments lean on the cells that their own guest has measured, and Google Benchmark's flags are about all
// of them.
bool TargetRun::may_be_shared() const {
  const auto& plan = plan_;
  return vm_ && vm::counts_for_sure(*vm_) && plan.experiment.steps() == 0 && plan.benchmark_args.empty();
}

deal::CellCosts TargetRun::expected_costs() const {
  return deal::CellCosts::load(vm_->cache, requested_.title());
}

// Paths take time that a run without them does not; and a table that cannot be kept is no fault of the run.
void TargetRun::learn(const std::vector<deal::CellTime>& times) const {
  if (context_.request.records_paths || times.empty()) return;
  auto costs = expected_costs();
  for (const auto& one : times) costs.observe(one, plan_.rounds);
  [[maybe_unused]] const auto kept = costs.save(vm_->cache);
}

std::vector<std::vector<Cell>> TargetRun::dealt(const std::vector<Cell>& cells) const {
  const auto places =
      deal::places_of(index_, context_.preview.targets.size(), jobs_of(context_.request.jobs));
  const auto expected = expected_costs().expected_s(cells, plan_.rounds);
  const auto& seed = context_.request.deal_seed;
  const auto shares = seed ? deal::at_random(cells.size(), std::max<std::size_t>(2, places), *seed)
                           : deal::longest_first(expected, deal::guests_worth(expected, places));
  std::vector<std::vector<Cell>> dealt_cells;
  for (const auto& share : shares) {
    auto& one = dealt_cells.emplace_back();
    for (const auto position : share) one.push_back(cells[position]);
  }
  return dealt_cells;
}

// The first has the files of a guest that is alone.
std::unique_ptr<TargetRun::Guest> TargetRun::make_guest(std::size_t number, std::vector<Cell> cells) {
  auto own_place = place();
  own_place.page.guest = number - 1;
  own_place.planned_cells = cells.size();
  own_place.shares_cells = true;
  const auto& directory = context_.book.directory();
  const auto& of_target = own_place.file_label;
  const auto second = (of_target.empty() ? "" : of_target + ",") + std::to_string(number);
  const auto label = number == 1 ? of_target : second;
  auto vm = *vm_;
  vm.request.guest_log = directory.guest_log_path(label);
  if (context_.request.records_paths) vm.request.paths.output = fs::absolute(directory.paths_path(label));
  return std::make_unique<Guest>(Guest{.number = number,
                                       .cells = std::move(cells),
                                       .vm = std::move(vm),
                                       .recorder{context_.book, std::move(own_place), context_.progress}});
}

void TargetRun::run_guest(Guest& guest) {
  context_.progress.step(fmt::format("booting Linux {}", identity()));
  guest.outcome = vm::run_vm(guest.vm, events_for(guest.recorder, &guest.cells), context_.progress);
}

// What a guest that was lost had not measured. One that says what is not so, or that says itself why it
// ended, is not tried again.
std::vector<Cell> TargetRun::left_by(Guest& guest) {
  const auto& outcome = *guest.outcome;
  auto& recorder = guest.recorder;
  if (!outcome || outcome->end == vm::VmOutcome::End::finished || recorder.failure() || stop_requested())
    return {};
  const auto why = why_ended(*outcome);
  add_line(result_.problem, why);
  result_.problem += log_tail(*outcome);
  guest.given_up = true;
  if (!recorder.started()) return guest.cells;
  const auto left = recorder.give_up(why);
  if (!left) add_line(result_.problem, left.error().message());
  std::vector<Cell> cells;
  std::ranges::copy_if(guest.cells, std::back_inserter(cells), [&](const Cell& cell) {
    return left && std::ranges::find(*left, cell.name()) != left->end();
  });
  return cells;
}

// A kernel that loses guest after guest is given up.
void TargetRun::run_shared(std::vector<std::vector<Cell>> shares) {
  constexpr int kMoreDeals = 2;
  std::vector<std::string> planned;
  for (const auto& cell : plan_.cells) planned.push_back(cell.name());
  context_.book.share(index_, std::move(planned));
  Guests guests;
  for (int deals = 0; !shares.empty(); ++deals) {
    const auto first = guests.size();
    for (auto& share : shares) guests.push_back(make_guest(guests.size() + 1, std::move(share)));
    {
      std::vector<std::jthread> running;
      for (auto i = first; i < guests.size(); ++i) running.emplace_back([&, i] { run_guest(*guests[i]); });
    }
    std::vector<Cell> left;
    for (auto i = first; i < guests.size() && deals < kMoreDeals; ++i) {
      std::ranges::move(left_by(*guests[i]), std::back_inserter(left));
    }
    shares = dealt(left);
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
  plan.cells = guest.cells;
  const auto* attempt = outcome ? &outcome->attempt : nullptr;
  const auto kept = recorder.finish_never_started(never_started_info(attempt), why, plan);
  if (!kept) add_line(result_.problem, kept.error().message());
}

void TargetRun::take_guests(Guests& guests) {
  const auto came_up = [](const auto& guest) { return guest->recorder.started(); };
  const bool any_started = std::ranges::any_of(guests, came_up);
  std::vector<ExitCode> codes;
  std::vector<deal::CellTime> times;
  for (auto& guest : guests) {
    const auto& recorder = guest->recorder;
    std::ranges::copy(recorder.times(), std::back_inserter(times));
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
