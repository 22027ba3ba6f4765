// SPDX-License-Identifier: MIT
// What was found in the history of a kernel tree, on the console.
#pragma once

#include <string>

#include "tree/bisection.h"
#include "tree/series.h"

namespace probebench::text {

// The commit, what it changed by cell and function, and how it was found. Fits 80 columns.
std::string bisect_text(const tree::Bisection& bisection);

// A column for each commit that builds, the rows that any of them changes.
std::string series_text(const tree::Series& series);

}  // namespace probebench::text
