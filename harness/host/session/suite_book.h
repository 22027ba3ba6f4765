// SPDX-License-Identifier: MIT
// Runs of one recipe each, as the one run that they are to whoever reads results.json.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/cost.h"
#include "model/run_record.h"
#include "session/recorder.h"

namespace probebench::session {

// What became of a recipe on one target.
struct RecipeCell {
  CellRecord cell;
  ProbeCost cost;
};

class SuiteBook {
 public:
  // The recipes' plans; they outlive the book.
  explicit SuiteBook(std::vector<const CostPlan*> plans)
      : plans_(std::move(plans)), refused_(plans_.size()) {}

  // A target told of a recipe. What it lacks a feature for is skipped; so is what has no figure where that
  // `may_fail`.
  void add(std::size_t recipe, const TargetPage& page, bool may_fail);
  // On no target; `remedy` is what would change that.
  void refuse(std::size_t recipe, std::string reason, std::string remedy);

  // In the order in which they came up.
  const std::vector<TargetRecord>& targets() const { return targets_; }
  // Of the recipes on a target that have ended; in their order, nullptr for the others.
  std::vector<const RecipeCell*> cells_on(const std::string& target) const;
  // Adds targets and cells to the head of a record; `ended` says why no more will come, if it does.
  RunRecord record(RunRecord head, const std::string& ended) const;

 private:
  struct Refusal {
    std::string reason;
    std::string remedy;
  };

  TargetRecord& target_of(const TargetRecord& told);
  void skip(std::size_t recipe, const TargetInfo& target, ProbeCost cost, const std::string& remedy);

  std::vector<const CostPlan*> plans_;
  std::vector<TargetRecord> targets_;
  std::vector<Refusal> refused_;                                   // by recipe
  std::map<std::string, std::map<std::size_t, RecipeCell>> told_;  // by target and recipe
};

}  // namespace probebench::session
