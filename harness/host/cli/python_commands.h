// SPDX-License-Identifier: MIT
// The commands that are written in Python: run-bench starts them itself, and the program knows of them for
// its help, the manual page and completions, and starts `report` at the end of a run.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "cli/manual.h"

namespace probebench::cli {

struct PythonCommand {
  const char* name;
  const char* about;
};
inline constexpr std::array kPythonCommands{
    PythonCommand{"report", "a page of one run or several, with figures"},
    PythonCommand{"history", "keeps runs in a store, and shows when their figures changed"},
    PythonCommand{"serve", "a store as pages: compare, filter, follow a cell over time"},
    PythonCommand{"sweep", "a lab's whole matrix of targets, here or on Slurm"}};

std::string python_command_names();

// How it is started without run-bench.
Command python_command(const std::filesystem::path& project_root, std::vector<std::string> arguments);

// Their options and footers, which only they know.
Result<std::vector<CommandWords>> words_of_python_commands(const std::filesystem::path& project_root);

}  // namespace probebench::cli
