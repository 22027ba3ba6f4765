// SPDX-License-Identifier: MIT
#include "experiment/pruning.h"

#include <algorithm>

namespace probebench::experiment {

double Pruning::predicted(const Load& load, const std::set<std::string>& left_out) const {
  double sum = 0;
  for (const auto& [function, share] : load.shares) {
    if (!left_out.contains(function)) sum += share;
  }
  return sum * load.correction;
}

bool Pruning::all_below(const std::set<std::string>& left_out) const {
  return std::ranges::all_of(loads_,
                             [&](const auto& load) { return predicted(load.second, left_out) < line_; });
}

void Pruning::take(WorkloadId workload, double overhead) {
  auto& load = loads_.at(workload);
  load.measured = overhead;
  const double expected = predicted(load, {left_out_.begin(), left_out_.end()});
  const bool agree = (expected < line_) == (overhead < line_);
  if (!agree && expected > 0) load.correction *= overhead / expected;
}

std::vector<WorkloadId> Pruning::above() const {
  std::vector<WorkloadId> found;
  for (const auto& [workload, load] : loads_) {
    if (load.measured >= line_) found.push_back(workload);
  }
  return found;
}

std::string Pruning::hottest(const std::set<std::string>& left_out) const {
  std::map<std::string, double> savings;
  for (const auto& [workload, load] : loads_) {
    if (predicted(load, left_out) < line_) continue;
    for (const auto& [function, share] : load.shares) {
      if (!left_out.contains(function)) savings[function] += share * load.correction;
    }
  }
  const auto best = std::ranges::max_element(savings, {}, [](const auto& one) { return one.second; });
  return best == savings.end() || best->second <= 0 ? "" : best->first;
}

bool Pruning::choose() {
  std::vector<std::string> order;
  std::set<std::string> out;
  for (auto next = hottest(out); !next.empty(); next = hottest(out)) {
    order.push_back(next);
    out.insert(next);
  }
  // What was hot for a workload may be too little without what went after it, and then not be needed.
  for (auto one = order.rbegin(); one != order.rend(); ++one) {
    out.erase(*one);
    if (!all_below(out)) out.insert(*one);
  }
  std::erase_if(order, [&](const std::string& one) { return !out.contains(one); });
  const bool anew = order != left_out_;
  left_out_ = std::move(order);
  return anew;
}

}  // namespace probebench::experiment
