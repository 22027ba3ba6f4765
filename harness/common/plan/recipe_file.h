// SPDX-License-Identifier: MIT
// Suites of recipes: files that name probes, each with who arms it and the operation that hits it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/cost.h"

namespace probebench::plan {

struct Recipe {
  std::string name;  // of its row and its cells
  std::string note = {};
  // Without what the host knows: `file` is that of this machine.
  CostPlan plan = {};
  std::string sample = {};   // the module is one of the kernel's samples: "kprobes/kprobe_example.c"
  std::string package = {};  // that has the command's program; empty: its own name
  bool may_fail = false;     // that it has no figure is no failure
};

struct RecipeSuite {
  std::string name;
  std::string summary = {};
  std::vector<Recipe> recipes = {};
};

// Whether the text of a suite is one of recipes, and not one of functions.
bool has_recipes(std::string_view text);

// Files are named from the suite on. Errors are usage errors that name the file and what is wrong in it.
Result<RecipeSuite> parse_recipes(std::string_view text, const std::filesystem::path& origin);

Result<RecipeSuite> load_recipes(const std::filesystem::path& file);

}  // namespace probebench::plan
