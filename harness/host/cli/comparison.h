// SPDX-License-Identifier: MIT
// What `compare` and `gate` do alike.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "gate/match.h"
#include "gate/report.h"
#include "gate/side.h"

namespace probebench::cli {

struct ComparisonOptions {
  std::string a;  // a side; of `gate` also the directory of a session
  std::string b;  // the other side
  std::vector<std::string> may_differ;
  std::filesystem::path baselines;  // empty: the project's
  std::string format = "table";
  std::vector<std::string> exports;  // FORMAT=FILE
};

// All but the two sides, which `gate` may do without.
void add_comparison_options(CLI::App& app, ComparisonOptions& options);
void add_baselines_option(CLI::App& app, std::filesystem::path& baselines);
// Errors are usage errors.
Status check_exports(const ComparisonOptions& options);

// The folder of baselines: the project is only asked where none is named, so that files can be compared from
// anywhere.
std::filesystem::path baselines_folder(const std::filesystem::path& named);

struct Sides {
  gate::Side base;
  gate::Side head;
};
Result<Sides> find_sides(const std::string& a, const std::string& b, const ComparisonOptions& options);
// A baseline judges the project's own code, so beside what the user named that alone may differ.
gate::MatchRules rules_for(const ComparisonOptions& options, const gate::Side& base, const gate::Side& head);

// The end of every comparison: names the functions that differ, writes the exports and shows the report.
// `line` is the command line.
Result<CommandResult> reported(const ComparisonOptions& options, const Arguments& line,
                               const gate::Side& base, const gate::Side& head, gate::Report report);

}  // namespace probebench::cli
