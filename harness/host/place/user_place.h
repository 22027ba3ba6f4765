// SPDX-License-Identifier: MIT
// From a place in a file, as it was spelled, to the instructions that it stands for.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "model/plan.h"
#include "place/program_file.h"
#include "plan/probe_language.h"

namespace probebench::place {

struct UserPlace {
  std::filesystem::path file;  // absolute, without links
  std::vector<FilePoint> points;
};

// Reads the file. Usage errors name what is wrong with the place: no such function or marker, no code, in the
// midst of an instruction, an address in place of an offset.
Result<UserPlace> find_place(const plan::AskedProbe& asked);

// The same in a file that was read.
Result<std::vector<FilePoint>> points_in(const ProgramFile& file, const plan::AskedProbe& asked);

}  // namespace probebench::place
