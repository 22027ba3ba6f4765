// SPDX-License-Identifier: MIT
#include "gate_fixture.h"

#include <random>
#include <stdexcept>

namespace probebench::gate {

Metric exact_metric(double value) {
  return {.value = value,
          .low = value,
          .high = value,
          .spread = 0,
          .low_quantile = value,
          .n = 3,
          .metric_class = MetricClass::exact,
          .note = {}};
}

Metric noisy_metric(double value, double low, double high) {
  return {.value = value,
          .low = low,
          .high = high,
          .spread = 1,
          .low_quantile = low,
          .n = 20,
          .metric_class = MetricClass::noisy,
          .note = {}};
}

SideCell counted_cell(const std::string& name, double instructions) {
  SideCell cell;
  cell.name = name;
  cell.state = "optimized";
  cell.figures = {{"instructions_per_hit", exact_metric(instructions)}};
  return cell;
}

SideCell timed_cell(const std::string& name, double ticks) {
  SideCell cell;
  cell.name = name;
  cell.state = "int3";
  cell.figures = {{"ticks_per_hit", noisy_metric(ticks, ticks * 0.99, ticks * 1.01)},
                  {"ns_per_hit", noisy_metric(ticks / 2, ticks * 0.495, ticks * 0.505)}};
  return cell;
}

SideCell absent_cell(const std::string& name, CellStatus status, const std::string& reason) {
  SideCell cell;
  cell.name = name;
  cell.status = status;
  cell.reason = reason;
  return cell;
}

Side side_with(std::vector<SideCell> cells) {
  Side side;
  side.source = "results.json";
  side.started = "2024-01-31T12:00:00Z";
  side.tool_version = "0.1.0";
  SideTarget target;
  target.id = "vm-tcg-6.1";
  target.fingerprint = "0123";
  target.identity = {{"kind", "vm"},
                     {"accel", "tcg"},
                     {"clock", "instructions"},
                     {"kernel.release", "6.1"},
                     {"module.sha256", "aaaa"},
                     {"cpu.model", "max"}};
  target.others = {{"host.name", "one"}};
  target.cells = std::move(cells);
  side.targets.push_back(std::move(target));
  return side;
}

PairedCell pairs_of(const std::string& name, std::size_t count, double ratio, double noise, double control) {
  std::mt19937_64 generator(7);
  const auto one = [&](double centre) {
    return centre * (1 + noise * (static_cast<double>(generator() % 2001) / 1000 - 1));
  };
  PairedCell cell;
  cell.name = name;
  cell.metric = "ticks_per_hit";
  for (std::size_t i = 0; i < count; ++i) {
    cell.values.base.push_back(one(1000));
    cell.values.head.push_back(one(1000 * ratio));
    cell.values.control.push_back(one(1000 * control));
  }
  return cell;
}

Judgement judged(Side base, Side head, const MatchRules& rules, const Limits& limits,
                 const Session* session) {
  return judge(compare(match(base, head, rules)),
               {.limits = limits, .session = session, .mechanism_may_change = rules.chosen});
}

const JudgedCell& cell_in(const Judgement& judgement, const std::string& name) {
  for (const auto& cell : judgement.targets.at(0).cells) {
    if (cell.name() == name) return cell;
  }
  throw std::out_of_range("no cell " + name);
}

}  // namespace probebench::gate
