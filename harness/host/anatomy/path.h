// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/sample.h"

namespace probebench::anatomy {

// One executed instruction.
struct Step {
  std::uint64_t address = 0;
  Bytes bytes;

  std::uint64_t end() const { return address + bytes.size(); }
  bool operator==(const Step&) const = default;
};

// Executed instructions in order.
using Path = std::vector<Step>;

// How many of the steps are a string instruction (rep) once more. Emulation executes one step for each
// element, while a CPU's counter counts such an instruction once (Intel SDM, INST_RETIRED).
std::uint64_t repetitions(std::span<const Step> steps);

// What the path plugin wrote: one path for each marked loop, the first is loop 1. A path that has a beginning
// and no end, or a line that is none, is an error that names the line.
Result<std::vector<Path>> parse_paths(std::string_view text);
Result<std::vector<Path>> read_paths(const std::filesystem::path& file);

}  // namespace probebench::anatomy
