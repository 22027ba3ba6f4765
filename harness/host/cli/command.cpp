// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/version.h"
#include "plan/selection.h"

namespace probebench::cli {
namespace {

constexpr std::size_t kHelpColumn = 26;  // leaves 54 of 80 columns for the descriptions

// The command lines of all subcommands.
class Parser {
 public:
  Parser();
  Result<ParsedLine> parse(Arguments arguments);

 private:
  const CLI::App& innermost() const;
  Result<ParsedLine> chosen(Arguments passed);
  Error unknown_argument() const;
  Error usage_error(const CLI::ParseError& error) const;
  Status refuse_python() const;

  CLI::App app_{"Measures what a Linux kernel probe costs, and proves which mechanism it measured."};
  std::vector<Subcommand> commands_;
};

Parser::Parser() {
  app_.name("run-bench");
  app_.get_formatter()->column_width(kHelpColumn);
  app_.set_version_flag("--version", std::string("probebench ") + std::string(kVersion));
  app_.require_subcommand(0, 1);
  for (const auto add :
       {add_run, add_list, add_info, add_kernel_config, add_anatomy, add_reproduce, add_predict, add_cost}) {
    commands_.push_back(add(app_));
  }
  // Written in Python: run-bench starts them itself, and they are here for the help.
  app_.add_subcommand("report", "a page of one run or several, with figures");
  app_.add_subcommand("history", "keeps exact counts of runs, and shows when they changed");
  for (const auto add : {add_compare, add_gate, add_bisect, add_series, add_configs, add_baseline_update})
    commands_.push_back(add(app_));
}

// The innermost subcommand that was given.
const CLI::App& Parser::innermost() const {
  const CLI::App* app = &app_;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

Error Parser::unknown_argument() const {
  const auto& app = innermost();
  const auto extras = app_.remaining(true);
  const std::string typed = extras.empty() ? "" : extras.front().substr(0, extras.front().find('='));
  Arguments names;
  for (const auto* option : app.get_options()) names.push_back("--" + option->get_single_name());
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return {Fault::usage, fmt::format("unknown argument '{}'", typed), 0,
          plan::did_you_mean(typed, known, "see ./run-bench --help")};
}

Error Parser::usage_error(const CLI::ParseError& error) const {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unknown_argument();
  std::string what = error.what();
  std::ranges::replace(what, '\n', ' ');
  return {Fault::usage, what, 0, "see ./run-bench --help"};
}

Status Parser::refuse_python() const {
  for (const auto* command : {"report", "history"}) {
    if (app_.got_subcommand(command)) {
      return Error{Fault::usage, fmt::format("{}: is started by run-bench only", command), 0,
                   fmt::format("./run-bench {}", command)};
    }
  }
  return Done{};
}

Result<ParsedLine> Parser::chosen(Arguments passed) {
  TRY(refuse_python());
  const auto found = std::ranges::find(commands_, &innermost(), &Subcommand::app);
  TRY(found->take(std::move(passed)));
  return ParsedLine(*found);
}

// The library ends each group of options with an empty line, and begins the next with one.
std::string on_one_screen(std::string help) {
  for (auto at = help.find("\n\n\n"); at != help.npos; at = help.find("\n\n\n")) help.erase(at, 1);
  return help;
}

Result<ParsedLine> Parser::parse(Arguments arguments) {
  Arguments passed;
  const auto separator = std::ranges::find(arguments, "--");
  if (separator != arguments.end()) {
    passed.assign(separator + 1, arguments.end());
    arguments.erase(separator, arguments.end());
  }
  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    app_.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return ParsedLine(HelpText{on_one_screen(app_.help())});
  } catch (const CLI::CallForVersion& version) {
    return ParsedLine(HelpText{std::string(version.what()) + "\n"});
  } catch (const CLI::ParseError& error) {
    return usage_error(error);
  }
  return chosen(std::move(passed));
}

}  // namespace

Result<ParsedLine> parse_command_line(Arguments arguments) {
  return Parser().parse(std::move(arguments));
}

}  // namespace probebench::cli
