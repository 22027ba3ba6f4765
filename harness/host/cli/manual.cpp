// SPDX-License-Identifier: MIT
#include "cli/manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "cli/version.h"
#include "model/handler.h"
#include "plan/selection.h"

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

CommandWords words_of_json(const json& command) {
  CommandWords words{command.at("name"), {}, command.at("footer"), {}};
  for (const auto& option : command.at("options")) words.options.push_back(option_words(option));
  return words;
}

std::vector<std::string> probe_type_names() {
  std::vector<std::string> names(kProbeGroups.begin(), kProbeGroups.end());
  for (const auto& info : kProbeTypes) {
    if (std::ranges::find(names, info.name) == names.end()) names.emplace_back(info.name);
  }
  return names;
}

std::vector<std::string> handler_names() {
  std::vector<std::string> names;
  for (const auto& info : kHandlers) names.emplace_back(info.name);
  return names;
}

std::vector<std::string> values_of(std::string_view option) {
  if (option == "--probe-type") return probe_type_names();
  if (option == "--handler") return handler_names();
  if (option == "--kernel") return {"auto", "stock", "5.10", "6.1", "6.12", "newest", "all"};
  if (option == "--accel") return {"auto", "kvm", "tcg"};
  if (option == "--arch") return {"x86-64", "arm64"};
  if (option == "--clock") return {"instructions", "tsc"};
  if (option == "--target") return {"vm", "native", "ssh:"};
  if (option == "--workload") {
    const auto names = plan::operation_names();
    return {names.begin(), names.end()};
  }
  return {};
}

std::vector<OptionWords> options_of(const CLI::App& app) {
  std::vector<OptionWords> all;
  for (const auto* option : app.get_options()) {
    if (option->get_positional() || option->get_group().empty()) continue;
    OptionWords words{.names = {}, .argument = {}, .description = option->get_description()};
    for (const auto& name : option->get_lnames()) words.names.push_back("--" + name);
    for (const auto& name : option->get_snames()) words.names.push_back("-" + name);
    if (words.names.empty()) continue;
    if (option->get_items_expected_max() > 0) {
      words.argument = option->get_type_name().empty() ? "VALUE" : option->get_type_name();
      words.values = values_of(words.names.front());
    }
    all.push_back(std::move(words));
  }
  return all;
}

void append_words(const CLI::App& app, const std::string& name, std::vector<CommandWords>& all) {
  all.push_back({name, app.get_description(), app.get_footer(), options_of(app)});
  for (const auto* command :
       app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
    append_words(*command, name.empty() ? command->get_name() : name + " " + command->get_name(), all);
  }
}

// A backslash begins a request of roff's, and a hyphen is no minus there; a line may not begin with a dot.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) escaped += "\\&";
      escaped += c;
    }
  }
  return escaped;
}

std::string man_options(const CommandWords& command) {
  std::string text;
  for (const auto& option : command.options) {
    const auto names = roff(fmt::format("{}", fmt::join(option.names, ", ")));
    const auto argument = option.argument.empty() ? "" : fmt::format(" \\fI{}\\fR", roff(option.argument));
    text += fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", names, argument, roff(option.description));
  }
  return text;
}

std::string man_footer(const CommandWords& command) {
  const auto footer = trimmed(command.footer);
  return footer.empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", roff(footer));
}

// What may follow the first word of a command line.
struct FirstWord {
  std::string name;  // empty: the line has none yet
  std::string description;
  std::vector<std::string> seconds;  // "update", behind "baseline"
  std::vector<OptionWords> options;  // those of all that begin with it, each once
};

void add_options_of(const CommandWords& command, FirstWord& word) {
  for (const auto& option : command.options) {
    const auto& name = option.names.front();
    if (std::ranges::none_of(word.options, [&](const auto& one) { return one.names.front() == name; }))
      word.options.push_back(option);
  }
}

// A command of two words stands behind the one that is its first.
std::vector<FirstWord> by_first_word(const std::vector<CommandWords>& commands) {
  std::vector<FirstWord> words;
  for (const auto& command : commands) {
    const auto blank = command.name.find(' ');
    if (blank == std::string::npos) {
      words.push_back({command.name, command.description, {}, {}});
    } else {
      words.back().seconds.push_back(command.name.substr(blank + 1));
    }
    add_options_of(command, words.back());
  }
  return words;
}

std::vector<std::string> names_of(const std::vector<FirstWord>& words) {
  std::vector<std::string> names;
  for (const auto& word : words) {
    if (!word.name.empty()) names.push_back(word.name);
  }
  return names;
}

std::string in_case(const FirstWord& word) {
  return word.name.empty() ? "''" : word.name;
}

// Each option with values once: one name means the same in every command.
std::vector<OptionWords> options_with_values(const std::vector<CommandWords>& commands) {
  std::vector<OptionWords> all;
  for (const auto& command : commands) {
    for (const auto& option : command.options) {
      const bool known = std::ranges::any_of(
          all, [&](const auto& one) { return one.names.front() == option.names.front(); });
      if (!option.values.empty() && !known) all.push_back(option);
    }
  }
  return all;
}

// In single quotes, for any of the shells.
std::string in_quotes(std::string_view text) {
  std::string inner;
  for (const char c : text) inner += c == '\'' ? std::string("’") : std::string(1, c);
  return "'" + inner + "'";
}

std::string described(std::string_view name, std::string_view description) {
  std::string escaped;
  for (const char c : description) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return in_quotes(fmt::format("{}:{}", name, escaped));
}

std::string zsh_case(const FirstWord& first) {
  std::string text =
      fmt::format("  {})\n    seconds=({})\n    options=(\n", in_case(first), fmt::join(first.seconds, " "));
  for (const auto& option : first.options) {
    for (const auto& name : option.names) text += "      " + described(name, option.description) + "\n";
  }
  return text + "    ) ;;\n";
}

std::string fish_option(const std::string& condition, const OptionWords& option) {
  std::string text = "complete -c run-bench" + condition;
  for (const auto& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.argument.empty()) text += " -r";
  if (!option.values.empty())
    text += fmt::format(" -a {}", in_quotes(fmt::format("{}", fmt::join(option.values, " "))));
  return text + " -d " + in_quotes(option.description) + "\n";
}

}  // namespace

std::vector<CommandWords> command_words(const CLI::App& program) {
  std::vector<CommandWords> all;
  append_words(program, "", all);
  return all;
}

std::vector<CommandWords> with_words_of(std::vector<CommandWords> commands,
                                        const std::vector<CommandWords>& others) {
  for (auto& command : commands) {
    const auto found = std::ranges::find(others, command.name, &CommandWords::name);
    if (found == others.end()) continue;
    command.footer = found->footer;
    command.options = found->options;
  }
  return commands;
}

std::string man_page(const std::vector<CommandWords>& commands) {
  std::string text = fmt::format(
      ".TH RUN\\-BENCH 1 \"\" \"probebench {}\"\n.SH NAME\nrun\\-bench \\- what a Linux kernel probe costs\n"
      ".SH SYNOPSIS\n.B run\\-bench\n[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR]\n",
      kVersion);
  for (const auto& command : commands) {
    text +=
        command.name.empty() ? ".SH DESCRIPTION\n" : fmt::format(".SS run\\-bench {}\n", roff(command.name));
    text += roff(command.description) + "\n";
    text += man_options(command) + man_footer(command);
    if (command.name.empty()) text += ".SH COMMANDS\n";
  }
  return text;
}

std::string bash_completion(const std::vector<CommandWords>& commands) {
  const auto firsts = by_first_word(commands);
  const auto names = names_of(firsts);
  std::string values;
  for (const auto& option : options_with_values(commands)) {
    values +=
        fmt::format("    {}) values='{}' ;;\n", fmt::join(option.names, "|"), fmt::join(option.values, " "));
  }
  std::string cases;
  for (const auto& first : firsts) {
    auto words = first.name.empty() ? names : first.seconds;
    for (const auto& option : first.options)
      words.insert(words.end(), option.names.begin(), option.names.end());
    cases += fmt::format("    {}) words='{}' ;;\n", in_case(first), fmt::join(words, " "));
  }
  return fmt::format(R"(# bash completion for run-bench
_run_bench() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command='' values='' words='' word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in {}) command=$word && break ;; esac
  done
  case ${{COMP_WORDS[COMP_CWORD-1]}} in
{}  esac
  if [[ $values ]]; then
    local before=''
    [[ $current == *,* ]] && before=${{current%,*}},
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$values" -- "${{current##*,}}")
    return
  fi
  case $command in
{}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _run_bench run-bench ./run-bench
)",
                     fmt::join(names, "|"), values, cases);
}

std::string zsh_completion(const std::vector<CommandWords>& commands) {
  const auto firsts = by_first_word(commands);
  std::string text =
      "#compdef run-bench\nlocal command word\nlocal -a names options seconds values\nnames=(\n";
  for (const auto& first : firsts) {
    if (!first.name.empty()) text += "  " + described(first.name, first.description) + "\n";
  }
  text += fmt::format(
      ")\nfor word in ${{words[2,CURRENT-1]}}; do\n  case $word in {}) command=$word; break ;; esac\n",
      fmt::join(names_of(firsts), "|"));
  text += "done\ncase ${words[CURRENT-1]} in\n";
  for (const auto& option : options_with_values(commands)) {
    text +=
        fmt::format("  {}) values=({}) ;;\n", fmt::join(option.names, "|"), fmt::join(option.values, " "));
  }
  text += "esac\nif (( $#values )); then\n  _values -s , value $values\n  return\nfi\ncase $command in\n";
  for (const auto& first : firsts) text += zsh_case(first);
  return text + "esac\n[[ -n $command ]] || _describe command names\n" +
         "(( ! $#seconds )) || _values command $seconds\n_describe option options\n_files\n";
}

std::string fish_completion(const std::vector<CommandWords>& commands) {
  std::string text = "# fish completion for run-bench\n";
  for (const auto& first : by_first_word(commands)) {
    if (!first.name.empty()) {
      text += fmt::format("complete -c run-bench -n __fish_use_subcommand -a {} -d {}\n", first.name,
                          in_quotes(first.description));
    }
    const auto condition = first.name.empty()
                               ? std::string(" -n __fish_use_subcommand")
                               : fmt::format(" -n '__fish_seen_subcommand_from {}'", first.name);
    if (!first.seconds.empty())
      text += fmt::format("complete -c run-bench{} -a '{}'\n", condition, fmt::join(first.seconds, " "));
    for (const auto& option : first.options) text += fish_option(condition, option);
  }
  return text;
}

Result<WriteManual> manual_writer(std::string_view form) {
  constexpr auto kForms = std::to_array<std::pair<std::string_view, WriteManual>>(
      {{"man", man_page}, {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}});
  std::vector<std::string_view> known;
  for (const auto& [name, write] : kForms) {
    if (name == form) return write;
    known.push_back(name);
  }
  return Error{Fault::usage, fmt::format("manual '{}': unknown", form), 0,
               plan::did_you_mean(form, known, fmt::format("known are {}", fmt::join(known, ", ")))};
}

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
    for (const auto& command : json::parse(said.output)) all.push_back(words_of_json(command));
    return all;
  } catch (const json::exception& bad) {
    return Error{Fault::infra, fmt::format("{}: {}", kPython, bad.what()), 0, {}};
  }
}

}  // namespace probebench::cli
