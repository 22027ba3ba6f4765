// SPDX-License-Identifier: MIT
#include "session/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anatomy/walk.h"
#include "results/fingerprint.h"
#include "session/external_cell.h"
#include "stats/summarise.h"
#include "verify/decode.h"

namespace probebench::session {
namespace {

// The same in each of the turns that were compared.
Metric exact_metric(double value) {
  Metric metric;
  metric.value = metric.low = metric.high = metric.low_quantile = value;
  metric.n = anatomy::kEqualTurns;
  metric.metric_class = MetricClass::exact;
  return metric;
}

}  // namespace

void Recorder::start(const vm::VmAttempt& attempt, const Plan& plan) {
  info_.kind = attempt.native ? "native" : "vm";
  info_.accel = attempt.native ? "none" : attempt.kvm ? "kvm" : "tcg";
  info_.clock = attempt.clock;
  info_.host = attempt.facts;
  cost_plan_ = plan.experiment.cost;
  book_.set_rounds(cost_plan_ ? cost_plan_->rounds : plan.rounds, plan.seed);
  cells_ = plan.cells;
  // What was booted says so where it is not x86-64 (vm::qemu_facts()).
  const auto arch = arch_from_name(info_.fact("arch")).value_or(attempt.native ? kOwnArch : ArchId::x86_64);
  reader_.emplace(plan, place_.patience, arch);
}

bool Recorder::take_line(std::string_view line) {
  if (failure_) return true;
  auto record = reader_->read(line);
  if (!record) {
    lost_ = true;
    failure_ = record.take_error();
    return true;
  }
  std::visit([this](auto& one) { take(std::move(one)); }, *record);
  return end_.has_value() || failure_.has_value();
}

std::vector<std::string> Recorder::add_anatomies(const std::filesystem::path& recorded) {
  auto made = anatomies_of(page_.cells, told_paths_, recorded);
  page_.anatomies = std::move(made.anatomies);
  for (const auto& anatomy : page_.anatomies) {
    const auto cell = std::ranges::find(page_.cells, anatomy.cell,
                                        [](const CellRecord& one) { return one.result.cell.name(); });
    cell->summary.exceptions_per_hit = exact_metric(static_cast<double>(anatomy.exceptions));
  }
  return std::move(made.problems);
}

Status Recorder::finish(const std::string& ended) {
  auto& target = *page_.target;
  target.ended = tellable(ended.empty() && lost_ ? failure_->message() : ended);
  page_.complete = target.ended.empty() && target.not_run.empty() && !target.in_flight && end_.has_value() &&
                   !contradicted();
  keep(book_.write(place_.page, page_));
  if (!benchmark_text_.empty() && !place_.shares_cells) {
    if (place_.redaction != nullptr) benchmark_text_ = place_.redaction->benchmark(benchmark_text_);
    keep(book_.directory().write_benchmark(benchmark_text_, *info_.clock, place_.file_label));
  }
  progress_.correct(-static_cast<std::ptrdiff_t>(target.not_run.size() + (target.in_flight ? 1 : 0)));
  if (failure_) return *failure_;
  return Done{};
}

Result<std::vector<std::string>> Recorder::give_up(const std::string& why) {
  auto& target = *page_.target;
  const auto left = std::exchange(target.not_run, {});
  if (const auto name = std::exchange(target.in_flight, {})) {
    const auto cell = std::ranges::find(cells_, *name, &Cell::name);
    CellResult result;
    result.cell = *cell;
    result.status = CellStatus::errored;
    result.reason = why;
    result.step = "guest";
    keep_cell({info_.id, std::move(result), {}});
  }
  given_up_ = page_.complete = true;
  TRY(book_.write(place_.page, page_));
  return left;
}

void Recorder::abandon() {
  progress_.correct(static_cast<std::ptrdiff_t>(page_.cells.size() + times_.steps.size()));
}

// The agent's own code counts where cells cannot tell: a bad Google Benchmark flag, no cell that matches.
ExitCode Recorder::exit_code() const {
  if (failure_) return ExitCode::cell_failed;
  if (!started()) return end_ ? static_cast<ExitCode>(end_->exit_code) : ExitCode::unavailable;
  if (!page_.complete) return ExitCode::cell_failed;
  if (given_up_) return exit_code_of_cells(page_.cells);
  const auto told = static_cast<ExitCode>(end_->exit_code);
  if (page_.cells.empty()) return told;
  const auto seen = exit_code_of_cells(page_.cells);
  return seen == ExitCode::fine ? told : seen;
}

Status Recorder::finish_never_started(TargetInfo info, const std::string& ended, const Plan& plan) {
  TargetRecord target{.info = std::move(info), .ended = tellable(ended)};
  for (const auto& cell : plan.cells) target.not_run.push_back(cell.name());
  page_.target = std::move(target);
  progress_.correct(-static_cast<std::ptrdiff_t>(place_.planned_cells));
  return book_.write(place_.page, page_);
}

void Recorder::take(wire::Hello hello) {
  info_.environment = std::move(hello.environment);
  // Of the facts as they are: whether they are redacted makes a target no other one.
  const auto fingerprint = results::fingerprint(info_);
  if (place_.redaction != nullptr) place_.redaction->redact(info_.environment);
  const auto release = info_.environment.facts.find("kernel.release");
  const bool known = release != info_.environment.facts.end();
  const auto where = info_.kind == "native" ? info_.kind : info_.kind + "-" + info_.accel;
  info_.id = fmt::format("{}-{}{}", where, known ? release->second : "unknown", place_.id_suffix);
  progress_.correct(static_cast<std::ptrdiff_t>(hello.cells.size()) -
                    static_cast<std::ptrdiff_t>(place_.planned_cells));
  page_.target = TargetRecord{.info = info_, .fingerprint = fingerprint, .not_run = std::move(hello.cells)};
  if (cost_plan_) page_.target->not_run.push_back(name_of(*cost_plan_));
}

void Recorder::take(const wire::CellBegin& begin) {
  progress_.cell_begin(place_.title.empty() ? begin.name : place_.title + ": " + begin.name);
  began_ = std::chrono::steady_clock::now();
  page_.target->in_flight = begin.name;
  std::erase(page_.target->not_run, begin.name);
}

void Recorder::take(wire::CellEnd end) {
  auto& evidence = end.result.evidence;
  evidence.decoded = verify::decode(evidence.armed, evidence.site_address, evidence.arch);
  auto summary = stats::summarise(end.result, *info_.clock, info_.environment.tsc_khz);
  if (place_.redaction != nullptr) place_.redaction->redact(end.result);
  std::erase(page_.target->not_run, end.result.cell.name());
  page_.target->in_flight.reset();
  times_.cells.push_back({end.result.cell, seconds_since_it_began()});
  keep_cell({info_.id, std::move(end.result), std::move(summary)});
  keep(book_.update(place_.page, page_));
}

double Recorder::seconds_since_it_began() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

void Recorder::begin_step(const std::string& name) {
  end_step();
  step_ = name;
  began_ = std::chrono::steady_clock::now();
  page_.target->in_flight = cost_plan_ ? name_of(*cost_plan_) : name;
  std::erase(page_.target->not_run, page_.target->in_flight);
  progress_.cell_begin(place_.title.empty() ? name : place_.title + ": " + name);
}

void Recorder::end_step() {
  if (!step_) return;
  if (!cost_plan_) times_.steps.push_back({*step_, seconds_since_it_began()});
  step_.reset();
  page_.target->in_flight.reset();
  progress_.cell_end();
}

void Recorder::take(wire::Experiment experiment) {
  struct Taker {
    Recorder& recorder;
    void operator()(ExperimentStep& step) const { recorder.begin_step(step.name); }
    void operator()(SurfacePoint& one) const { kept().surface.push_back(std::move(one)); }
    void operator()(ControlStep& one) const { kept().control_plane.push_back(std::move(one)); }
    void operator()(KretprobeMisses& one) const { kept().kretprobe_misses.push_back(std::move(one)); }
    void operator()(TrapCost& one) const { kept().traps.push_back(std::move(one)); }
    void operator()(Workload& one) const { kept().workloads.push_back(std::move(one)); }
    void operator()(Suite& one) const { kept().suites.push_back(std::move(one)); }
    void operator()(PrunedSuite& one) const { kept().pruned.push_back(std::move(one)); }
    void operator()(PredictCounts& one) const { kept().predictions.push_back(std::move(one)); }
    void operator()(ProbeCost& one) const { recorder.take_cost(std::move(one)); }
    Experiments& kept() const { return recorder.page_.experiments; }
  };
  if (place_.redaction != nullptr) place_.redaction->redact(experiment.record);
  std::visit(Taker{*this}, experiment.record);
}

// A cell among others, though no plan has it.
void Recorder::take_cost(ProbeCost cost) {
  end_step();
  std::erase(page_.target->not_run, name_of(*cost_plan_));
  auto cell = external_cell(*cost_plan_, cost, info_);
  if (cost.loops) told_paths_.cells.push_back({name_of(*cost_plan_), *std::exchange(cost.loops, {})});
  page_.experiments.costs.push_back(std::move(cost));
  page_.cells.push_back(std::move(cell));
  keep(book_.write(place_.page, page_));
}

void Recorder::take(const wire::End& end) {
  if (started()) end_step();
  end_ = end;
}

// Under --benchmark_repetitions a cell ends once for each; the last one has the rounds of all.
void Recorder::keep_cell(CellRecord cell) {
  const auto earlier =
      std::ranges::find(page_.cells, cell.result.cell, [](const CellRecord& one) { return one.result.cell; });
  if (earlier != page_.cells.end()) {
    *earlier = std::move(cell);
    return;
  }
  page_.cells.push_back(std::move(cell));
  progress_.cell_end();
}

std::string Recorder::tellable(const std::string& text) const {
  return place_.redaction != nullptr ? place_.redaction->text(text) : text;
}

// The first failure is the one to tell.
void Recorder::keep(const Status& status) {
  if (!status && !failure_) failure_ = status.error();
}

}  // namespace probebench::session
