// SPDX-License-Identifier: MIT
// The manual page and the shells' completions, made from the options that the program parses, and from those
// of the commands that are written in Python: run-bench starts these itself, and the program knows of them
// for its help, and starts `report` at the end of a run.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace probebench::cli {

struct OptionWords {
  std::vector<std::string> names;  // "--kernel", "-k"
  std::string argument;            // "LIST"; empty: it takes none
  std::string description;
  std::vector<std::string> values = {};  // that it is known to take
};

struct CommandWords {
  std::string name;  // "cost", "baseline update"; empty: the program's own options
  std::string description;
  std::string footer;  // examples and exit codes
  std::vector<OptionWords> options;
};

// The program's own first, then its subcommands in their order; what its help hides is not among them.
std::vector<CommandWords> command_words(const CLI::App& program);
// The same, with the options and footers of the others for commands that are in both.
std::vector<CommandWords> with_words_of(std::vector<CommandWords> commands,
                                        const std::vector<CommandWords>& others);

std::string man_page(const std::vector<CommandWords>& commands);
std::string bash_completion(const std::vector<CommandWords>& commands);
std::string zsh_completion(const std::vector<CommandWords>& commands);
std::string fish_completion(const std::vector<CommandWords>& commands);

using WriteManual = std::string (*)(const std::vector<CommandWords>&);
// "man", "bash", "zsh" or "fish"; another is a usage error.
Result<WriteManual> manual_writer(std::string_view form);

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
