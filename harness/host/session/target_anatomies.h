// SPDX-License-Identifier: MIT
// From what a target told and what its paths were to anatomies.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "anatomy/anatomy.h"
#include "model/run_record.h"
#include "wire/records.h"

namespace probebench::session {

// What a target told of its marked loops.
struct ToldPaths {
  std::string symbols;  // of text, as guest/kernel/kernel_symbols.h makes them
  std::vector<wire::CellPaths> cells;
};

struct TargetAnatomies {
  std::vector<anatomy::Anatomy> anatomies;
  std::vector<std::string> problems;  // one line for each cell that has none, and why
};

// `cells` are the target's; a measured one whose path does not add up to its count is a problem.
TargetAnatomies anatomies_of(const std::vector<CellRecord>& cells, const ToldPaths& told,
                             const std::filesystem::path& recorded);

}  // namespace probebench::session
