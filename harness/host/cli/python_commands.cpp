// SPDX-License-Identifier: MIT
#include "cli/python_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace probebench::cli {
namespace {

using nlohmann::json;

// The interpreter that sees the distribution's packages.
constexpr const char* kPython = "/usr/bin/python3";
constexpr std::chrono::seconds kWordsDeadline{60};

OptionWords option_words(const json& option) {
  return {.names = option.at("names"),
          .argument = option.at("argument"),
          .description = option.at("description"),
          .values = option.at("values")};
}

CommandWords command_words(const json& command) {
  CommandWords words{command.at("name"), {}, command.at("footer"), {}};
  for (const auto& option : command.at("options")) words.options.push_back(option_words(option));
  return words;
}

}  // namespace

std::string python_command_names() {
  std::vector<std::string_view> names;
  for (const auto& command : kPythonCommands) names.push_back(command.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

Command python_command(const std::filesystem::path& project_root, std::vector<std::string> arguments) {
  Command command{.argv = {kPython, "-P", "-m", "reports"},
                  .environment = {"PYTHONPATH=" + project_root.string()}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

Result<std::vector<CommandWords>> words_of_python_commands(const std::filesystem::path& project_root) {
  const auto said = TRY(run_command(python_command(project_root, {"words"}), kWordsDeadline));
  if (said.exit_code != 0) {
    return Error{Fault::infra, fmt::format("{}: {}", kPython, trimmed(said.output)), 0, {}};
  }
  try {
    std::vector<CommandWords> all;
    for (const auto& command : json::parse(said.output)) all.push_back(command_words(command));
    return all;
  } catch (const json::exception& bad) {
    return Error{Fault::infra, fmt::format("{}: {}", kPython, bad.what()), 0, {}};
  }
}

}  // namespace probebench::cli
