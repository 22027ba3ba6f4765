// SPDX-License-Identifier: MIT
#include "session/suite_book.h"

#include <algorithm>

#include "session/external_cell.h"

namespace probebench::session {
namespace {

constexpr std::string_view kLacking = "a kernel and a tool that arm it";

// The kernel lacks what would arm it.
bool was_refused(const ProbeCost& cost) {
  return cost.status == CellStatus::skipped;
}

}  // namespace

void SuiteBook::add(std::size_t recipe, const TargetPage& page, bool may_fail) {
  if (!page.target) return;
  auto& target = target_of(*page.target);
  if (page.experiments.costs.empty() || page.cells.empty()) return;
  const auto& cost = page.experiments.costs.front();
  const bool known = may_fail && cost.status != CellStatus::measured;
  if (was_refused(cost) || known) return skip(recipe, target.info, cost, std::string(kLacking));
  told_[target.info.id].insert_or_assign(recipe, RecipeCell{page.cells.front(), cost});
}

void SuiteBook::refuse(std::size_t recipe, std::string reason, std::string remedy) {
  refused_[recipe] = {std::move(reason), std::move(remedy)};
  for (const auto& target : targets_) {
    skip(recipe, target.info, {.reason = refused_[recipe].reason}, refused_[recipe].remedy);
  }
}

// What ended one of the recipes early ended the run of the suite there.
TargetRecord& SuiteBook::target_of(const TargetRecord& told) {
  const auto is_it = [&](const TargetRecord& one) { return one.info.id == told.info.id; };
  const auto found = std::ranges::find_if(targets_, is_it);
  if (found != targets_.end()) {
    if (found->ended.empty()) found->ended = told.ended;
    if (!found->in_flight) found->in_flight = told.in_flight;
    found->not_run.insert(found->not_run.end(), told.not_run.begin(), told.not_run.end());
    return *found;
  }
  auto& made = targets_.emplace_back(told);
  for (std::size_t i = 0; i < refused_.size(); ++i) {
    if (refused_[i].reason.empty()) continue;
    skip(i, made.info, {.reason = refused_[i].reason}, refused_[i].remedy);
  }
  return made;
}

void SuiteBook::skip(std::size_t recipe, const TargetInfo& target, ProbeCost cost,
                     const std::string& remedy) {
  const auto& plan = *plans_[recipe];
  cost.workload = plan.workload;
  cost.source = plan.source;
  cost.status = CellStatus::skipped;
  auto cell = external_cell(plan, cost, target);
  cell.result.provided_by = remedy;
  told_[target.id].insert_or_assign(recipe, RecipeCell{std::move(cell), std::move(cost)});
}

std::vector<const RecipeCell*> SuiteBook::cells_on(const std::string& target) const {
  std::vector<const RecipeCell*> cells(plans_.size(), nullptr);
  const auto found = told_.find(target);
  if (found == told_.end()) return cells;
  for (const auto& [recipe, cell] : found->second) cells[recipe] = &cell;
  return cells;
}

RunRecord SuiteBook::record(RunRecord head, const std::string& ended) const {
  head.ended = ended;
  head.complete = ended.empty();
  head.targets = targets_;
  for (auto& target : head.targets) {
    const auto cells = cells_on(target.info.id);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i] != nullptr) {
        head.cells.push_back(cells[i]->cell);
      } else if (auto name = name_of(*plans_[i]); target.in_flight != name) {
        target.not_run.push_back(std::move(name));
      }
    }
    std::ranges::sort(target.not_run);
    const auto repeated = std::unique(target.not_run.begin(), target.not_run.end());
    target.not_run.erase(repeated, target.not_run.end());
    head.complete = head.complete && target.ended.empty() && target.not_run.empty();
  }
  return head;
}

}  // namespace probebench::session
