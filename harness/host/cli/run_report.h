// SPDX-License-Identifier: MIT
// The report that a run of every probe type ends with. Python writes it; a run is no worse without.
#pragma once

#include <filesystem>
#include <string>

namespace probebench::cli {

bool ends_with_report(const std::string& probe_types, bool quiet);

// What is to be said: where the report is, or why there is none.
std::string write_run_report(const std::filesystem::path& project_root,
                             const std::filesystem::path& run_directory);

}  // namespace probebench::cli
