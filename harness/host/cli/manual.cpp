// SPDX-License-Identifier: MIT
#include "cli/manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "cli/version.h"
#include "model/handler.h"
#include "plan/selection.h"

namespace probebench::cli {
namespace {

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
    if (option->get_positional()) continue;
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
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
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

std::vector<std::string> names_in(const CommandWords& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// The first words of subcommands: "baseline update" begins with one of them.
std::vector<std::string> first_words(const std::vector<CommandWords>& commands) {
  std::vector<std::string> names;
  for (const auto& command : commands) {
    if (!command.name.empty() && command.name.find(' ') == std::string::npos) names.push_back(command.name);
  }
  return names;
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
  const auto names = first_words(commands);
  std::string values;
  for (const auto& option : options_with_values(commands)) {
    values +=
        fmt::format("    {}) values='{}' ;;\n", fmt::join(option.names, "|"), fmt::join(option.values, " "));
  }
  std::string cases;
  for (const auto& command : commands) {
    if (command.name.find(' ') != std::string::npos) continue;
    auto words = names_in(command);
    if (command.name.empty()) words.insert(words.end(), names.begin(), names.end());
    cases += fmt::format("    {}) words='{}' ;;\n", command.name.empty() ? "''" : command.name,
                         fmt::join(words, " "));
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
  std::string text = "#compdef run-bench\nlocal command word\nlocal -a names options values\nnames=(\n";
  for (const auto& command : commands) {
    const bool first = !command.name.empty() && command.name.find(' ') == std::string::npos;
    if (first) text += "  " + described(command.name, command.description) + "\n";
  }
  text += fmt::format(
      ")\nfor word in ${{words[2,CURRENT-1]}}; do\n  case $word in {}) command=$word; break ;; esac\n",
      fmt::join(first_words(commands), "|"));
  text += "done\ncase ${words[CURRENT-1]} in\n";
  for (const auto& option : options_with_values(commands)) {
    text +=
        fmt::format("  {}) values=({}) ;;\n", fmt::join(option.names, "|"), fmt::join(option.values, " "));
  }
  text += "esac\nif (( $#values )); then\n  _values -s , value $values\n  return\nfi\ncase $command in\n";
  for (const auto& command : commands) {
    if (command.name.find(' ') != std::string::npos) continue;
    text += fmt::format("  {})\n    options=(\n", command.name.empty() ? "''" : command.name);
    for (const auto& option : command.options) {
      for (const auto& name : option.names) text += "      " + described(name, option.description) + "\n";
    }
    text += "    ) ;;\n";
  }
  return text + "esac\n[[ -n $command ]] || _describe command names\n_describe option options\n_files\n";
}

std::string fish_completion(const std::vector<CommandWords>& commands) {
  std::string text = "# fish completion for run-bench\n";
  for (const auto& command : commands) {
    if (command.name.find(' ') != std::string::npos) continue;
    if (!command.name.empty()) {
      text += fmt::format("complete -c run-bench -n __fish_use_subcommand -a {} -d {}\n", command.name,
                          in_quotes(command.description));
    }
    const auto condition = command.name.empty()
                               ? std::string(" -n __fish_use_subcommand")
                               : fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    for (const auto& option : command.options) text += fish_option(condition, option);
  }
  return text;
}

Result<std::string> manual(const CLI::App& program, std::string_view form) {
  using Write = std::string (*)(const std::vector<CommandWords>&);
  constexpr auto kForms = std::to_array<std::pair<std::string_view, Write>>(
      {{"man", man_page}, {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}});
  std::vector<std::string_view> known;
  for (const auto& [name, write] : kForms) {
    if (name == form) return write(command_words(program));
    known.push_back(name);
  }
  return Error{Fault::usage, fmt::format("manual '{}': unknown", form), 0,
               plan::did_you_mean(form, known, fmt::format("known are {}", fmt::join(known, ", ")))};
}

}  // namespace probebench::cli
