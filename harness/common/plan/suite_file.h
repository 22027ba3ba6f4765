// SPDX-License-Identifier: MIT
// Suites: files that name the functions which are probed while workloads run (suites).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/plan.h"

namespace probebench::plan {

// Errors are usage errors that name the file and what is wrong in it.
Result<SuitePlan> parse_suite(std::string_view text, const std::filesystem::path& origin);

// Every *.toml of a directory that is no suite of recipes, in the order of their names.
Result<std::vector<SuitePlan>> load_suites(const std::filesystem::path& directory);

// Those with one of the names, and of these the named workloads; empty: all. A name that none has is an
// error.
Result<std::vector<SuitePlan>> choose_suites(std::vector<SuitePlan> suites, const std::string& names,
                                             const std::string& workloads);

// The same of a directory's suites and of files: a part of `names` with a slash, or that ends in .toml, is
// the path of one, whose name counts for that suite alone.
Result<std::vector<SuitePlan>> suites_asked_for(const std::filesystem::path& directory,
                                                const std::string& names, const std::string& workloads);

// The user's own command as a workload of each suite, with all functions of the suite.
void add_command(std::vector<SuitePlan>& suites);

}  // namespace probebench::plan
