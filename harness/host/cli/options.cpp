// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/split.h"
#include "cli/anatomy_options.h"
#include "cli/gate_options.h"
#include "cli/run_options.h"
#include "cli/version.h"
#include "plan/suggest.h"

namespace probebench {
namespace {

using Arguments = std::vector<std::string>;

constexpr std::size_t kHelpColumn = 26;  // leaves 54 of 80 columns for the descriptions

constexpr const char* kRunFooter =
    "Everything after -- goes to Google Benchmark: -- --benchmark_filter=mid/nop\n"
    "Exit: 0 fine, 1 cell failed, 2 usage, 4 none measured, 5 unfit, 69 unavailable\n"
    "Example: ./run-bench --probe-type kmod --handler nop,count --kernel 5.10,newest\n";

// Google Benchmark runs inside the target, where a path of the host means nothing: its file is copied here.
Status take_benchmark_out(Options& options) {
  Arguments passed;
  for (const auto& arg : options.plan.benchmark_args) {
    if (arg.starts_with("--benchmark_out_format=")) {
      if (arg.ends_with("=json")) continue;
      return Error{Fault::usage, fmt::format("{}: only json is written", arg), 0, "drop it"};
    }
    if (arg.starts_with("--benchmark_out=")) {
      options.benchmark_out = arg.substr(arg.find('=') + 1);
      if (options.benchmark_out.empty()) return Error{Fault::usage, arg + ": expected a file name", 0, {}};
      continue;
    }
    passed.push_back(arg);
  }
  options.plan.benchmark_args = std::move(passed);
  return Done{};
}

// The command lines of all subcommands in one object: CLI11 keeps references to `options`.
class Parser {
 public:
  Parser();
  Result<std::variant<Options, HelpText>> parse(Arguments arguments);

 private:
  const CLI::App& chosen() const;
  void set_action();
  Error unknown_argument() const;
  Error usage_error(const CLI::ParseError& error) const;
  Status check() const;

  Options options_;
  CLI::App app_{"Measures what a Linux kernel probe costs, and proves which mechanism it measured."};
  CLI::App* list_ = nullptr;
  CLI::App* info_ = nullptr;
  GateApps gate_;
  CLI::App* anatomy_ = nullptr;
  CLI::App* reproduce_ = nullptr;
  CLI::App* predict_ = nullptr;
};

Parser::Parser() {
  app_.name("run-bench");
  app_.get_formatter()->column_width(kHelpColumn);
  app_.set_version_flag("--version", std::string("probebench ") + std::string(kVersion));
  app_.require_subcommand(0, 1);
  add_run_options(app_, options_);
  app_.footer(kRunFooter);
  list_ = app_.add_subcommand("list", "every probe type, group and handler");
  list_->add_flag("--json", options_.json_list, "as JSON");
  list_->footer("\nExample:\n  ./run-bench list --json\n");
  info_ = app_.add_subcommand("info", "what this machine and a kernel offer, and why not");
  add_kernel_options(*info_, options_);
  info_->add_flag("--json", options_.json_list, "as JSON");
  info_->footer("\nBoots the kernel once, measures nothing.\n\nExample:\n  ./run-bench info --kernel 6.1\n");
  anatomy_ = add_anatomy_command(app_, options_);
  reproduce_ = add_reproduce_command(app_, options_);
  predict_ = add_predict_command(app_, options_);
  // Written in Python: run-bench starts them itself, and they are here for the help.
  app_.add_subcommand("report", "a page of one run or several, with figures");
  app_.add_subcommand("history", "keeps exact counts of runs, and shows when they changed");
  gate_ = add_gate_commands(app_, options_);
}

// The innermost subcommand that was given.
const CLI::App& Parser::chosen() const {
  const CLI::App* app = &app_;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

Error Parser::unknown_argument() const {
  const auto& app = chosen();
  const auto extras = app_.remaining(true);
  const std::string typed = extras.empty() ? "" : extras.front().substr(0, extras.front().find('='));
  Arguments names;
  for (const auto* option : app.get_options()) names.push_back("--" + option->get_single_name());
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return {Fault::usage, fmt::format("unknown argument '{}'", typed), 0,
          did_you_mean(typed, known, "see ./run-bench --help")};
}

Error Parser::usage_error(const CLI::ParseError& error) const {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unknown_argument();
  std::string what = error.what();
  std::ranges::replace(what, '\n', ' ');
  return {Fault::usage, what, 0, "see ./run-bench --help"};
}

Status Parser::check() const {
  for (const auto* command : {"report", "history"}) {
    if (app_.got_subcommand(command)) {
      return Error{Fault::usage, fmt::format("{}: is started by run-bench only", command), 0,
                   fmt::format("./run-bench {}", command)};
    }
  }
  const auto kernels = split(options_.kernels, ',');
  const auto paths = std::ranges::count_if(kernels, [](auto name) { return name.find('/') != name.npos; });
  if (!options_.headers.empty() && paths != 1) {
    return Error{Fault::usage,
                 fmt::format("--headers {}: goes with one path, {} given", options_.headers.string(), paths),
                 0, "pass one --kernel PATH-TO-VMLINUZ, or name several in a --kernels-file"};
  }
  if (options_.action == Action::info && (kernels.size() > 1 || kernels.front() == "all")) {
    return Error{Fault::usage, fmt::format("--kernel {}: info takes one kernel", options_.kernels), 0, {}};
  }
  const bool of_vm = options_.kernels != "auto" || !options_.kernel_args.empty();
  if (options_.target == "native" && of_vm) {
    return Error{Fault::usage, "--target native measures the running kernel: no --kernel, no --kernel-arg", 0,
                 "leave them out, or use --target vm"};
  }
  if (std::ranges::any_of(options_.kernel_args,
                          [](const auto& one) { return one.find_first_not_of(' ') == one.npos; })) {
    return Error{Fault::usage, "--kernel-arg '': expected arguments such as mitigations=off", 0, {}};
  }
  const bool measures =
      options_.action == Action::run || options_.action == Action::anatomy || options_.gate.measures();
  if (!measures && !options_.plan.benchmark_args.empty()) {
    return Error{Fault::usage,
                 options_.plan.benchmark_args.front() + ": only what measures takes flags after --",
                 0,
                 {}};
  }
  if ((options_.tune || options_.strict) && options_.target != "native") {
    return Error{Fault::usage, "--tune and --strict: only the running kernel is tuned and checked", 0,
                 "add --target native"};
  }
  if (options_.clock == "instructions" && options_.target == "native") {
    return Error{Fault::usage, "--clock instructions: a real CPU counts time", 0, "use --target vm"};
  }
  if (options_.clock == "instructions" && options_.accel == "kvm") {
    return Error{Fault::usage, "--clock instructions: KVM counts time", 0, "use --accel tcg or --clock tsc"};
  }
  if (options_.no_plain && options_.kernel_args.empty()) {
    return Error{Fault::usage, "--no-plain: goes with --kernel-arg", 0, {}};
  }
  return check_gate_options(options_);
}

void Parser::set_action() {
  if (list_->parsed()) options_.action = Action::list;
  if (info_->parsed()) options_.action = Action::info;
  if (anatomy_->parsed()) take_anatomy(*anatomy_, options_);
  if (gate_.compare->parsed()) options_.action = Action::compare;
  if (gate_.gate->parsed()) options_.action = Action::gate;
  if (gate_.update->parsed()) options_.action = Action::baseline_update;
}

Result<std::variant<Options, HelpText>> Parser::parse(Arguments arguments) {
  const auto separator = std::ranges::find(arguments, "--");
  if (separator != arguments.end()) {
    options_.plan.benchmark_args.assign(separator + 1, arguments.end());
    arguments.erase(separator, arguments.end());
  }
  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    app_.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return std::variant<Options, HelpText>(HelpText{app_.help()});
  } catch (const CLI::CallForVersion& version) {
    return std::variant<Options, HelpText>(HelpText{std::string(version.what()) + "\n"});
  } catch (const CLI::ParseError& error) {
    return usage_error(error);
  }
  set_action();
  if (reproduce_->parsed()) {
    if (auto status = take_reproduce(options_); !status) return status.error();
  }
  if (predict_->parsed()) {
    if (auto status = take_predict(options_); !status) return status.error();
  }
  if (auto status = check(); !status) return status.error();
  if (auto status = take_benchmark_out(options_); !status) return status.error();
  return std::variant<Options, HelpText>(options_);
}

}  // namespace

Result<std::variant<Options, HelpText>> parse_options(std::vector<std::string> arguments) {
  return Parser().parse(std::move(arguments));
}

}  // namespace probebench
