// SPDX-License-Identifier: MIT
#include "stream/stream_rules.h"

#include <fmt/format.h>

#include <array>

#include "stream/stream_checks.h"

namespace probebench::stream {
namespace {

constexpr auto kLost = Breach::target_lost;
constexpr auto kInvalid = Breach::invalid;

constexpr auto kStreamRules = std::to_array<StreamRule>({
    {"line-length", "a line is no longer than the largest cell of the plan", kLost, check::line_length},
    {"stream-size", "all lines together are no longer than the plan explains", kLost, check::stream_size},
    {"progress", "a cell or a step begins or ends within the time of patience", kLost, check::progress},
    {"seal", "each line has a seal, which shows that it follows the one before it, unchanged", kLost,
     check::seal},
    {"nesting", "a record has a bounded depth", kLost, check::nesting},
    {"readable", "a line is a record of this version, and its counts are whole and not negative", kLost,
     check::readable},
    {"hello-first", "nothing but a failure comes before the target's own record", kLost, check::hello_first},
    {"hello-once", "the target introduces itself once", kLost, check::hello_once},
    {"hello-cells", "it announces the planned cells, each once", kLost, check::hello_cells},
    {"hello-kernel", "its release is a name, and its clock's rate is possible", kLost, check::hello_kernel},
    {"begin-announced", "a cell that begins was announced", kLost, check::begin_announced},
    {"begin-alone", "one cell is in flight at a time", kLost, check::begin_alone},
    {"begin-once", "a cell begins once, unless it is to be repeated", kLost, check::begin_once},
    {"end-begun", "the cell that ends is the one in flight", kLost, check::end_of_begun},
    {"cell-name", "a cell's name is that of its parts", kLost, check::name_of_cell},
    {"paths-wanted", "paths and symbols come where they were asked for, after a measured cell", kLost,
     check::paths_wanted},
    {"list-wanted", "a list of cells comes where it was asked for", kLost, check::list_wanted},
    {"experiment-planned", "an experiment is part of the plan, and follows the cells", kLost,
     check::experiment_planned},
    {"exit-code", "the last record's exit code is 0 to 125", kLost, check::exit_code},
    {"last-word", "the last record says why it failed, or that nothing did", kLost, check::last_word},
    {"all-cells", "at the end every announced cell has begun and ended", kLost, check::all_cells},
    {"all-experiments", "at a good end every planned experiment was told", kLost, check::all_experiments},
    {"rounds", "a measured cell has the planned rounds", kInvalid, check::rounds},
    {"calls", "a window has a possible number of calls: N or 2N, the same in each round's pairs", kInvalid,
     check::calls},
    {"threads", "a window has the cell's number of threads", kInvalid, check::threads},
    {"counting", "hits are counted with the counting handler", kInvalid, check::counting},
    {"figures", "times and counts are positive and possible", kInvalid, check::figures},
    {"verdict", "hits are calls, none missed, and every other rule of validity holds", kInvalid,
     check::verdict},
    {"told-hits", "the hits that are told are those of the windows", kInvalid, check::told_hits},
    {"overhead", "where instructions are counted, a hit costs none or more", kInvalid, check::overhead},
    {"disassembly", "the armed bytes are what the state says", kInvalid, check::disassembly},
    {"reason", "a cell that was not measured says why", kInvalid, check::reason},
    {"experiment-hits", "hits of an experiment are those expected, none missed", kInvalid,
     check::experiment_hits},
    {"experiment-figures", "figures of an experiment are positive and possible", kInvalid,
     check::experiment_figures},
});

// Whatever of a record has a status.
struct Invalidate {
  const std::string& why;

  void operator()(wire::CellEnd& end) const { (*this)(end.result); }
  void operator()(wire::Experiment& experiment) const { std::visit(*this, experiment.record); }
  template <typename Record>
  void operator()(Record& record) const {
    if constexpr (requires {
                    record.status;
                    record.reason;
                  }) {
      record.status = CellStatus::invalid;
      record.reason = why;
    } else if constexpr (requires {
                           record.status;
                           record.note;
                         }) {
      record.status = CellStatus::invalid;
      record.note = why;
    }
    if constexpr (requires { record.rows; }) {
      for (auto& row : record.rows) (*this)(row);
    }
  }
};

bool brings_forward(const wire::Record& record) {
  return !std::holds_alternative<wire::BenchmarkText>(record) &&
         !std::holds_alternative<wire::ConsoleText>(record) && !std::holds_alternative<wire::Symbols>(record);
}

}  // namespace

std::span<const StreamRule> stream_rules() {
  return kStreamRules;
}

StreamReader::StreamReader(Plan plan, std::chrono::seconds patience, ArchId arch)
    : so_far_{.plan = std::move(plan), .patience = patience, .arch = arch}, progressed_(Clock::now()) {}

Result<wire::Record> StreamReader::read(std::string_view line, Clock::time_point now) {
  so_far_.bytes += line.size() + 1;
  Arrival arrival{.line = line,
                  .seal = seal_.check(line),
                  .idle = std::chrono::duration_cast<std::chrono::seconds>(now - progressed_)};
  TRY(apply(arrival, nullptr));
  auto record = wire::decode(line);
  if (record) {
    arrival.record = &*record;
  } else {
    arrival.unreadable = record.error().what;
  }
  if (auto status = apply(arrival, record ? &*record : nullptr); !status) {
    return record ? status.error()
                  : Error{Fault::cell, status.error().what, record.error().err, record.error().hint};
  }
  remember(*record, now);
  return record;
}

// The first rule that is broken is the one to tell.
Status StreamReader::apply(const Arrival& arrival, wire::Record* record) {
  for (const auto& rule : kStreamRules) {
    const auto why = rule.check(so_far_, arrival);
    if (!why) continue;
    if (rule.breach == Breach::target_lost) {
      return Error{Fault::cell, fmt::format("read the target's records: {} (rule {})", *why, rule.id), 0, {}};
    }
    contradicted_ = true;
    std::visit(Invalidate{fmt::format("{} (rule {})", *why, rule.id)}, *record);
    return Done{};
  }
  return Done{};
}

void StreamReader::remember(const wire::Record& record, Clock::time_point now) {
  if (brings_forward(record)) progressed_ = now;
  if (const auto* hello = std::get_if<wire::Hello>(&record)) so_far_.announced = hello->cells;
  if (const auto* begin = std::get_if<wire::CellBegin>(&record)) so_far_.in_flight = begin->name;
  if (std::holds_alternative<wire::ConsoleText>(record)) so_far_.listed = true;
  if (const auto* end = std::get_if<wire::CellEnd>(&record)) {
    const auto name = end->result.cell.name();
    so_far_.in_flight.reset();
    ++so_far_.ended[name];
    so_far_.measured_last =
        end->result.status == CellStatus::skipped || end->result.status == CellStatus::errored ? std::string()
                                                                                               : name;
  }
  if (const auto* experiment = std::get_if<wire::Experiment>(&record)) {
    if (std::holds_alternative<SurfacePoint>(experiment->record)) ++so_far_.surface_points;
    if (std::holds_alternative<PredictCounts>(experiment->record)) ++so_far_.predictions;
    if (std::holds_alternative<ProbeCost>(experiment->record)) ++so_far_.costs;
  }
}

}  // namespace probebench::stream
