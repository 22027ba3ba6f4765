// SPDX-License-Identifier: MIT
// Where the instructions of a user's probe go: the path of one operation, by what each part of it serves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anatomy/anatomy.h"
#include "model/cost.h"

namespace probebench::cost {

inline constexpr std::string_view kDispatchPart = "dispatch";
inline constexpr std::string_view kProgramPart = "program";
inline constexpr std::string_view kRarePart = "not in every hit";

// Of the instructions that a hit adds, those in one function for one part.
struct FunctionPart {
  std::string function;
  std::string part;
  std::int64_t instructions = 0;  // of the operation's own functions: what the probe adds to them

  bool operator==(const FunctionPart&) const = default;
};

struct PathPart {
  std::string name;
  double instructions = 0;

  bool operator==(const PathPart&) const = default;
};

// Of the program's instructions, those of one line of its source.
struct LinePart {
  std::string file;
  std::uint32_t line = 0;
  std::string text;
  std::int64_t instructions = 0;

  bool operator==(const LinePart&) const = default;
};

struct HandlerPath {
  // The way there and back, the user's own code, and each function that this calls with all that it calls.
  // They add up to what a hit adds.
  std::vector<PathPart> parts;
  std::vector<FunctionPart> functions;
  std::vector<LinePart> lines;  // in the order of their code; of BPF programs with debug information

  bool has_program() const;
  // What hits take on average beyond the path, which is that of most of them.
  void add_rest(double per_hit);
};

// The user's own code are BPF programs and the functions of `module`.
HandlerPath handler_path(const anatomy::Anatomy& path, std::string_view module = {},
                         const std::vector<SourceLine>& lines = {});

}  // namespace probebench::cost
