// SPDX-License-Identifier: MIT
// One run of a side, as a process of its own, and what it measured.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "gate/side.h"
#include "gate/side_program.h"

namespace probebench::gate {

// Runs that side into `output`; `filter` chooses cells, empty: those of the settings. What the run leaves
// counts, whatever its exit code. An error has the program's own words.
Result<Side> run_side(const SideProgram& side, const SideSettings& settings,
                      const std::filesystem::path& output, const std::string& filter);

// The same with the paths of hits recorded in the boot that counts.
Result<Side> run_side_paths(const SideProgram& side, const SideSettings& settings,
                            const std::filesystem::path& output, const std::string& filter);

// The last line that a program said before it gave up, without its name.
std::string complaint_in(std::string_view output);

// A filter that chooses the cells of these names.
std::string filter_for(const std::vector<std::string>& names);

// Where a session is and what of it is there, beside why it ended before it could be judged. One that is
// empty is removed.
Error cut_off(const Error& why, const std::filesystem::path& session);

}  // namespace probebench::gate
