// SPDX-License-Identifier: MIT
// Sides that differ in what a test says, and in nothing else.
#pragma once

#include <string>
#include <vector>

#include "gate/judgement.h"

namespace probebench::gate {

Metric exact_metric(double value);
Metric noisy_metric(double value, double low, double high);

SideCell counted_cell(const std::string& name, double instructions);
SideCell timed_cell(const std::string& name, double ticks);
SideCell absent_cell(const std::string& name, CellStatus status, const std::string& reason);

// One target, "vm-tcg-6.1", that counts instructions.
Side side_with(std::vector<SideCell> cells);

// Pairs whose head costs `ratio` of the base, each value off by up to `noise`.
PairedCell pairs_of(const std::string& name, std::size_t count, double ratio, double noise,
                    double control = 1);

Judgement judged(Side base, Side head, const MatchRules& rules = {}, const Limits& limits = {},
                 const Session* session = nullptr);
// The verdict on the cell of that name in the first target.
const JudgedCell& cell_in(const Judgement& judgement, const std::string& name);

}  // namespace probebench::gate
