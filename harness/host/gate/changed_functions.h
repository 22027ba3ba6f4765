// SPDX-License-Identifier: MIT
// Which functions an exact difference is in, where the paths of both sides were recorded.
#pragma once

#include <filesystem>
#include <vector>

#include "anatomy/anatomy.h"
#include "gate/report.h"

namespace probebench::gate {

// Where `gate --base --head` puts the paths that it records: below the side's folder.
inline constexpr const char* kPathsFolder = "anatomy";

// What `anatomy` left in a side's folder or below it; nothing where it did not run, or where the file is
// damaged: paths explain a verdict and never decide it.
std::vector<anatomy::Anatomy> recorded_paths(const std::filesystem::path& folder);

// Adds the functions to each row of a count that differs. Paths that do not add up to the row's counts are of
// another run: a note says so, and they name nothing.
void name_functions(Report& report, const std::vector<anatomy::Anatomy>& base,
                    const std::vector<anatomy::Anatomy>& head);

}  // namespace probebench::gate
