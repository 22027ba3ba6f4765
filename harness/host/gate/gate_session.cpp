// SPDX-License-Identifier: MIT
#include "gate/gate_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <thread>

#include "base/digest.h"
#include "base/file.h"
#include "gate/changed_functions.h"
#include "gate/compare.h"
#include "gate/layout.h"
#include "gate/paired_verdict.h"
#include "gate/side_run.h"

namespace probebench::gate {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Which of the three a visit measures. The control is the base once more.
enum class Part { base, head, control };

// In odd blocks the order is turned round, so that a drift that is even hits both sides alike.
constexpr std::array<Part, 3> kForward{Part::base, Part::head, Part::control};
constexpr std::array<Part, 3> kBackward{Part::control, Part::head, Part::base};

std::vector<double>& values_of(PairedValues& values, Part part) {
  switch (part) {
    case Part::base:
      return values.base;
    case Part::head:
      return values.head;
    case Part::control:
      return values.control;
  }
  return values.base;
}

class GateSession {
 public:
  GateSession(const SessionRequest& request, kernels::Progress& progress)
      : request_(request), progress_(progress) {}

  Result<MeasuredSides> run();

 private:
  const SideProgram& program_of(Part part) const { return part == Part::head ? head_ : base_; }
  const SideProgram& program_of_visit(Part part, bool confirming);
  Status find_programs();
  Status find_controls();
  Result<Side> measure(const SideProgram& side, const fs::path& output, const std::string& filter);
  Result<Side> measure_visit(Part part, bool confirming, const std::vector<std::string>& cells);
  Result<Side> measure_first(const SideProgram& side);
  Status measure_both();
  MatchRules rules() const;
  MeasuredSides outcome(std::optional<Session> session) const;
  std::vector<ComparedTarget> compared_sides() const;
  std::vector<std::string> differing_cells();
  void record_paths();
  std::string record_paths_of(Part part, const std::vector<std::string>& cells) const;
  void plan_cells();
  Status find_identical();
  void plan_blocks();
  Status run_blocks(std::size_t blocks, bool confirming, const std::vector<std::string>& cells);
  Status visit(Part part, bool confirming, const std::vector<std::string>& cells);
  std::string filter_of(Part part, const std::vector<std::string>& cells) const;
  std::vector<std::string> cells_with(Verdict verdict) const;
  Status extend();
  Status confirm();
  Status save() const;

  const SessionRequest& request_;
  kernels::Progress& progress_;
  SideProgram base_;
  SideProgram head_;
  std::vector<SideProgram> controls_;  // that were handed in
  LinkPlan base_link_;                 // where layouts are made
  LinkPlan head_link_;
  Side base_side_;  // of the first visits: what each side is, and which cells it measures
  Side head_side_;
  Session session_;
  std::map<std::string, CellPair> cells_;  // of the session, by the name both sides share
  std::size_t visits_ = 0;
  std::array<std::size_t, 2> control_visits_{};  // those of a confirmation apart
};

Status GateSession::find_programs() {
  for (auto* side : {&base_, &head_}) {
    const std::string role = side == &base_ ? "base" : "head";
    auto found = TRY(find_side_program(role, side == &base_ ? request_.base : request_.head));
    *side = std::move(found);
  }
  if (request_.control.relinks) {
    base_link_ = TRY(plan_link(base_));
    head_link_ = TRY(plan_link(head_));
  }
  return find_controls();
}

// Rebuilds of the base's source that lie elsewhere in memory.
Status GateSession::find_controls() {
  if (request_.control.builds.empty()) return Done{};
  const auto base = TRY(sha256_file(base_.agent));
  for (const auto& build : request_.control.builds) {
    auto requested = request_.base;
    requested.build = build;
    auto found = TRY(find_side_program("control", requested));
    if (TRY(sha256_file(found.agent)) == base) {
      return Error{
          Fault::usage,
          fmt::format("--control {}: its agent is the base's, in the very same layout", build.string()), 0,
          "build the base's source with another order of linking, or leave --control out"};
    }
    controls_.push_back(std::move(found));
  }
  return Done{};
}

const SideProgram& GateSession::program_of_visit(Part part, bool confirming) {
  if (part != Part::control || controls_.empty()) return program_of(part);
  return controls_[control_visits_[confirming ? 1 : 0]++ % controls_.size()];
}

Result<Side> GateSession::measure(const SideProgram& side, const fs::path& output,
                                  const std::string& filter) {
  return run_side(side, request_.settings, output, filter);
}

// Executed instructions: nothing to interleave, and nothing that a second try would change.
bool counts(const Side& side) {
  return std::ranges::all_of(side.targets,
                             [](const SideTarget& target) { return counts_instructions(target.clock()); });
}

bool has_failed_cell(const Side& side) {
  const auto failed = [](const SideCell& cell) {
    return cell.status == CellStatus::invalid || cell.status == CellStatus::errored;
  };
  const auto holds_failed = [&](const SideTarget& target) {
    return std::ranges::any_of(target.cells, failed);
  };
  return std::ranges::any_of(side.targets, holds_failed);
}

// A disturbance can make a cell of time invalid; a fault does so every time.
Result<Side> GateSession::measure_first(const SideProgram& side) {
  constexpr int kTries = 3;
  for (int tried = 1;; ++tried) {
    progress_.step(fmt::format("measuring {}: {}", side.role, side.title()));
    auto measured = measure(side, request_.directory / side.role, {});
    if (!measured || counts(*measured) || !has_failed_cell(*measured) || tried == kTries) return measured;
  }
}

Status GateSession::measure_both() {
  // Now, so that it is known of one that is killed, too.
  progress_.note("session: " + request_.directory.string());
  auto base = TRY(measure_first(base_));
  auto head = TRY(measure_first(head_));
  base_side_ = std::move(base);
  head_side_ = std::move(head);
  return Done{};
}

MatchRules GateSession::rules() const {
  return {.may_differ = request_.may_differ,
          .chosen = true,
          .any_handler = base_.requested.handler != head_.requested.handler ||
                         base_.requested.probe != head_.requested.probe};
}

MeasuredSides GateSession::outcome(std::optional<Session> session) const {
  MeasuredSides sides{base_side_, head_side_, rules(), std::move(session)};
  sides.base.source = base_.title();
  sides.head.source = head_.title();
  return sides;
}

std::vector<ComparedTarget> GateSession::compared_sides() const {
  Side base = base_side_;
  Side head = head_side_;
  return compare(match(base, head, rules()));
}

// Those that differ most, as many as a commit message shows: the paths of each take a second or two.
std::vector<std::string> GateSession::differing_cells() {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> names;
  for (auto& target : compared_sides()) {
    for (auto& cell : target.cells) {
      const auto* lead = cell.lead();
      if (lead == nullptr || !lead->exact() || lead->absolute == 0 || names.size() == kMost) continue;
      names.push_back(cell.cells.name);
      cells_.emplace(cell.cells.name, std::move(cell.cells));
    }
  }
  return names;
}

// What the difference is made of. A path explains the verdict and never decides it: where none can be
// recorded, the verdict stands alone.
void GateSession::record_paths() {
  const bool recorded = !request_.records_paths || !base_.requested.probe.empty();
  const auto cells = !recorded ? differing_cells() : std::vector<std::string>();
  if (cells.empty()) return;
  progress_.step(fmt::format("recording the paths of {} cell{}", cells.size(), cells.size() == 1 ? "" : "s"));
  // Both at once: a path is the same on a busy machine.
  std::string why_no_head;
  std::jthread head([&] { why_no_head = record_paths_of(Part::head, cells); });
  const auto why_no_base = record_paths_of(Part::base, cells);
  head.join();
  for (const auto& why : {why_no_base, why_no_head}) {
    if (!why.empty()) progress_.note(why);
  }
}

// Why there are none; empty: there are.
std::string GateSession::record_paths_of(Part part, const std::vector<std::string>& cells) const {
  const auto& side = program_of(part);
  const auto output = request_.directory / side.role / kPathsFolder;
  const auto done = run_side_paths(side, request_.settings, output, filter_of(part, cells));
  return done ? std::string() : fmt::format("no paths of {}: {}", side.role, done.error().message());
}

// Readings are whole ticks; four of them make a cost.
double resolution_of(const SideCell& cell, double value) {
  constexpr double kReadings = 4;
  return cell.calls == 0 || value <= 0 ? 0 : kReadings / (static_cast<double>(cell.calls) * value);
}

void GateSession::plan_cells() {
  for (auto& target : compared_sides()) {
    for (auto& cell : target.cells) {
      const auto* lead = cell.lead();
      if (lead == nullptr || lead->exact()) continue;
      PairedCell paired;
      paired.name = cell.cells.name;
      paired.metric = lead->metric;
      paired.resolution = resolution_of(*cell.cells.base, lead->base.value);
      session_.cells.push_back(std::move(paired));
      cells_.emplace(cell.cells.name, std::move(cell.cells));
    }
  }
}

// Equal agents on equal targets: whatever differs is noise.
Status GateSession::find_identical() {
  const auto base = sha256_file(base_.agent);
  const auto head = sha256_file(head_.agent);
  if (!base) return base.error();
  if (!head) return head.error();
  const auto same_place = [](const SideTarget& a, const SideTarget& b) { return a.identity == b.identity; };
  session_.identical = *base == *head && base_.requested.handler == head_.requested.handler &&
                       std::ranges::equal(base_side_.targets, head_side_.targets, same_place);
  return Done{};
}

std::string GateSession::filter_of(Part part, const std::vector<std::string>& cells) const {
  std::vector<std::string> names;
  for (const auto& cell : cells) {
    const auto& pair = cells_.at(cell);
    names.push_back(part == Part::head ? pair.head->name : pair.base->name);
  }
  return filter_for(names);
}

double value_in(const Side& side, const std::string& cell, const std::string& metric) {
  for (const auto& target : side.targets) {
    const auto* found = find_cell(target, cell);
    const auto* figure = found == nullptr ? nullptr : found->find(metric);
    // The median: a disturbed baseline makes a round cheap, so the low rounds are no better than the high
    // ones.
    if (figure != nullptr) return figure->value.value;
  }
  return kMissing;
}

// The names of layouts are as long for each part: a path's length moves the stack.
Result<Side> GateSession::measure_visit(Part part, bool confirming, const std::vector<std::string>& cells) {
  constexpr std::array<const char*, 3> kNames{"base", "head", "control"};
  const auto name = fmt::format("{:04}-{}", ++visits_, kNames[static_cast<std::size_t>(part)]);
  const auto output = request_.directory / "visits" / name;
  const auto& program = program_of_visit(part, confirming);
  if (!request_.control.relinks) return measure(program, output, filter_of(part, cells));
  const auto layout = TRY(Layout::make(program, part == Part::head ? head_link_ : base_link_,
                                       request_.settings.target != "native", session_.seed + visits_,
                                       request_.directory / fmt::format("layout-{:04}", visits_)));
  return measure(layout.side(), output, filter_of(part, cells));
}

Status GateSession::visit(Part part, bool confirming, const std::vector<std::string>& cells) {
  const auto side = TRY(measure_visit(part, confirming, cells));
  for (auto& cell : session_.cells) {
    if (!cells.empty() && std::ranges::find(cells, cell.name) == cells.end()) continue;
    const auto& pair = cells_.at(cell.name);
    const auto& own_name = part == Part::head ? pair.head->name : pair.base->name;
    if (confirming && !cell.confirmation) cell.confirmation.emplace();
    auto& values = confirming ? *cell.confirmation : cell.values;
    values_of(values, part).push_back(value_in(side, own_name, cell.metric));
  }
  return Done{};
}

// Fixed ahead, and enough to show a regression of so many cells.
void GateSession::plan_blocks() {
  const auto needed = pairs_needed(session_.cells.size());
  session_.blocks = std::max<std::size_t>(request_.pairs, needed);
  if (session_.blocks == request_.pairs) return;
  progress_.note(fmt::format("{} pairs instead of {}: with fewer no regression of {} cells can be shown",
                             needed, request_.pairs, session_.cells.size()));
}

Status GateSession::run_blocks(std::size_t blocks, bool confirming, const std::vector<std::string>& cells) {
  for (std::size_t block = 0; block < blocks; ++block) {
    if (block % 5 == 0) progress_.step(fmt::format("interleaved blocks: {} of {}", block, blocks));
    for (const auto part : block % 2 == 0 ? kForward : kBackward) {
      TRY(visit(part, confirming, cells));
    }
  }
  return save();
}

std::vector<std::string> GateSession::cells_with(Verdict verdict) const {
  std::vector<std::string> names;
  for (const auto& [name, one] : paired_verdicts(session_, request_.limits)) {
    if (one.verdict == verdict) names.push_back(name);
  }
  return names;
}

// The number of blocks is fixed ahead; only what they leave open is measured once more as long, all cells
// alike, so that nothing is stopped at the moment it looks good.
Status GateSession::extend() {
  if (cells_with(Verdict::inconclusive).empty()) return Done{};
  progress_.step("some cells are undecided: as many blocks again");
  session_.extended = true;
  return run_blocks(session_.blocks, false, {});
}

Status GateSession::confirm() {
  const auto red = cells_with(Verdict::regression);
  if (red.empty() || !request_.confirms) return Done{};
  progress_.step(fmt::format("confirming {} cell{}", red.size(), red.size() == 1 ? "" : "s"));
  return run_blocks(session_.blocks * (session_.extended ? 2 : 1), true, red);
}

Status GateSession::save() const {
  return write_file_atomic(request_.directory / kSessionFile, write_session(session_));
}

Result<MeasuredSides> GateSession::run() {
  TRY(find_programs());
  TRY(measure_both());
  if (counts(base_side_) && counts(head_side_)) {
    if (request_.control.asked_for()) {
      return Error{Fault::usage, "--control: both sides count instructions, which need no control", 0,
                   "leave it out"};
    }
    record_paths();
    return outcome({});
  }
  if (base_side_.targets.size() != 1 || head_side_.targets.size() != 1) {
    return Error{Fault::usage, "times are compared on one kernel at a time, several were named", 0,
                 "name one --kernel, or count instructions: --accel tcg"};
  }
  session_.seed = request_.settings.plan.seed;
  session_.relinked = request_.control.relinks;
  session_.layouts = controls_.size();
  session_.any_handler = rules().any_handler;
  plan_cells();
  plan_blocks();
  TRY(find_identical());
  if (session_.cells.empty()) return outcome(session_);
  TRY(run_blocks(session_.blocks, false, {}));
  TRY(extend());
  TRY(confirm());
  return outcome(session_);
}

}  // namespace

Result<MeasuredSides> measure_sides(const SessionRequest& request, kernels::Progress& progress) {
  return GateSession(request, progress).run();
}

}  // namespace probebench::gate
