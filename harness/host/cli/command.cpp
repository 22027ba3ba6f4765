// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"
#include "cli/manual.h"
#include "cli/version.h"
#include "plan/selection.h"

namespace probebench::cli {
namespace {

constexpr std::size_t kHelpColumn = 26;  // leaves 54 of 80 columns for the descriptions

// What a command may end with, where its footer does not say it in words of its own.
struct CommandExits {
  std::string_view command;
  std::vector<ExitCode> codes;
};

const std::vector<CommandExits>& exits_of_commands() {
  using enum ExitCode;
  static const std::vector<ExitCode> kReads{fine, usage};
  static const std::vector<ExitCode> kWrites{fine, cell_failed, usage};
  static const std::vector<ExitCode> kFetches{fine, usage, unavailable};
  static const std::vector<ExitCode> kMeasures{fine, cell_failed, usage, nothing_measured, unavailable};
  static const std::vector<CommandExits> kAll{{"list", kReads},
                                              {"kernel-config", kReads},
                                              {"info", {fine, usage, unavailable}},
                                              {"anatomy", kMeasures},
                                              {"reproduce", kMeasures},
                                              {"predict", kMeasures},
                                              {"cost", kMeasures},
                                              {"contribute", kMeasures},
                                              {"compare", kWrites},
                                              {"baseline", kWrites},
                                              {"update", kWrites},
                                              {"kernels", kFetches},
                                              {"prepare", kFetches},
                                              {"export", kFetches},
                                              {"import", kFetches},
                                              {"bisect", {fine, usage, unfit, unavailable}},
                                              {"series", kMeasures},
                                              {"configs", kMeasures}};
  return kAll;
}

// "Exit: 0 fine, 2 usage".
std::string exit_line(const std::vector<ExitCode>& codes) {
  std::vector<std::string> parts;
  for (const auto code : codes) {
    const auto* info = std::ranges::find(kExitCodes, code, &ExitCodeInfo::code);
    parts.push_back(fmt::format("{} {}", static_cast<int>(code), info->words));
  }
  return fmt::format("Exit: {}\n", fmt::join(parts, ", "));
}

void add_exit_line(CLI::App& app) {
  const auto& all = exits_of_commands();
  const auto found = std::ranges::find(all, app.get_name(), &CommandExits::command);
  if (found != all.end()) app.footer(app.get_footer() + exit_line(found->codes));
}

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
  std::string see_help() const;
  Status check_lists(const Arguments& arguments) const;
  Status refuse_python() const;

  CLI::App app_{"Measures what a Linux kernel probe costs, and proves which mechanism it measured."};
  std::vector<Subcommand> commands_;
};

Parser::Parser() {
  app_.name("run-bench");
  app_.get_formatter()->column_width(kHelpColumn);
  app_.set_version_flag("-V,--version", std::string("probebench ") + std::string(kVersion));
  app_.require_subcommand(0, 1);
  for (const auto add : {add_run, add_list, add_info, add_kernel_config, add_anatomy, add_reproduce,
                         add_predict, add_cost, add_contribute}) {
    commands_.push_back(add(app_));
  }
  for (const auto& [name, about] : kPythonCommands) app_.add_subcommand(name, about)->footer("");
  for (const auto add :
       {add_compare, add_gate, add_bisect, add_series, add_configs, add_baseline_update, add_kernels_list,
        add_kernels_prepare, add_kernels_export, add_kernels_import, add_sysroot, add_manual})
    commands_.push_back(add(app_));
  for (const auto& command : commands_) add_exit_line(*command.app);
  for (const auto* name : {"baseline", "kernels"}) add_exit_line(*app_.get_subcommand(name));
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
          plan::did_you_mean(typed, known, see_help())};
}

// Of the command that was typed, which is where its options are.
std::string Parser::see_help() const {
  std::string words = "./run-bench";
  for (const auto* app = &app_; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    words += " " + app->get_name();
  }
  return fmt::format("see {} --help", words);
}

// An empty part of a list is a slip that the library would pass over, or fill with the next word.
Status empty_part(std::string_view option, std::string_view list) {
  const auto parts = split(list, ',');
  if (std::ranges::none_of(parts, [](auto part) { return trimmed(part).empty(); })) return Done{};
  return Error{Fault::usage,
               fmt::format("{} '{}': an empty part, expected comma-separated names", option, list), 0,
               "leave out the comma that has nothing beside it"};
}

bool is_list(const CLI::App& app, const std::string& option) {
  const auto* known = app.get_option_no_throw(option);
  return known != nullptr && known->get_type_name() == "LIST";
}

Status Parser::check_lists(const Arguments& arguments) const {
  const auto commands = app_.get_subcommands([](const CLI::App*) { return true; });
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const auto name = arguments[at].substr(0, arguments[at].find('='));
    if (!name.starts_with("-") ||
        (!is_list(app_, name) &&
         std::ranges::none_of(commands, [&](const auto* one) { return is_list(*one, name); }))) {
      continue;
    }
    const bool joined = name.size() < arguments[at].size();
    if (joined) TRY(empty_part(name, std::string_view(arguments[at]).substr(name.size() + 1)));
    if (!joined && at + 1 < arguments.size()) TRY(empty_part(name, arguments[at + 1]));
  }
  return Done{};
}

// "Could not convert: --rounds = NaN", in our own words.
std::string in_our_words(std::string what) {
  constexpr std::string_view kConversion = "Could not convert: ";
  std::ranges::replace(what, '\n', ' ');
  if (!what.starts_with(kConversion)) return what;
  what.erase(0, kConversion.size());
  if (const auto equals = what.find(" = "); equals != what.npos) what.replace(equals, 3, " ");
  return what + ": expected a number";
}

Error Parser::usage_error(const CLI::ParseError& error) const {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unknown_argument();
  return {Fault::usage, in_our_words(error.what()), 0, see_help()};
}

Status Parser::refuse_python() const {
  for (const auto& [name, about] : kPythonCommands) {
    if (app_.got_subcommand(name)) {
      return Error{Fault::usage, fmt::format("{}: is started by run-bench only", name), 0,
                   fmt::format("./run-bench {}", name)};
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
  TRY(check_lists(arguments));
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

Status refuse_flags(const Arguments& passed) {
  if (passed.empty()) return Done{};
  return Error{Fault::usage, passed.front() + ": only what measures takes flags after --", 0, {}};
}

Result<ParsedLine> parse_command_line(Arguments arguments) {
  return Parser().parse(std::move(arguments));
}

}  // namespace probebench::cli
