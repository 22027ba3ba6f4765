// SPDX-License-Identifier: MIT
#include "cli/gate_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "plan/suggest.h"

namespace probebench::cli {
namespace {

constexpr unsigned kMostPairs = 1000;

constexpr const char* kGateFooter =
    "A, B as for compare; A may be a folder of baselines; A alone: a session, again.\n"
    "Noisy figures are judged only when both sides are measured here, interleaved.\n"
    "A side: kernel=6.1, build=DIR, arg=mitigations=off, handler=count; repeatable.\n"
    "Exit: 0 pass, 3 regression or missing cells, 5 inconclusive or incomparable\n"
    "Examples:\n"
    "  ./run-bench gate ci/baselines results/latest\n"
    "  ./run-bench gate --base kernel=6.1 --head kernel=6.12 --probe-type kmod\n";

void add_side_option(CLI::App& app, const std::string& name, std::vector<std::string>& words,
                     const std::string& description) {
  app.add_option(name, words, description)->take_all()->allow_extra_args(false)->type_name("NAME=VALUE");
}

// Sides are "A B" or --base and --head, not both.
Status check_sides_given(const GateOptions& options) {
  const auto& a = options.comparison.a;
  if (options.measures() && !a.empty()) {
    return Error{Fault::usage, fmt::format("{}: --base and --head measure, files are not needed", a), 0,
                 "leave one of them out"};
  }
  if (!options.measures() && a.empty()) {
    return Error{Fault::usage, "gate takes two results, none given", 0,
                 "pass A B, one session's directory, or --base and --head"};
  }
  return Done{};
}

// "kernel=6.1" and so on, all of one side.
Result<gate::RequestedSide> requested_side(std::string_view option, const std::vector<std::string>& parts) {
  constexpr std::array<std::string_view, 4> kNames{"kernel", "build", "arg", "handler"};
  gate::RequestedSide side;
  for (const auto& part : parts) {
    const auto name = part.substr(0, part.find('='));
    const auto value = part.size() > name.size() ? part.substr(name.size() + 1) : std::string();
    if (std::ranges::find(kNames, name) == kNames.end() || value.empty()) {
      return Error{
          Fault::usage,
          fmt::format("{} {}: expected kernel=NAME, build=DIR, arg=ARGS or handler=NAME", option, part), 0,
          plan::did_you_mean(name, kNames, "see ./run-bench gate --help")};
    }
    if (name == "kernel") side.kernel = value;
    if (name == "build") side.build = value;
    if (name == "arg") side.kernel_args += (side.kernel_args.empty() ? "" : " ") + value;
    if (name == "handler") side.handler = value;
  }
  return side;
}

Status check_native(const gate::RequestedSide& side) {
  if (side.kernel.empty() && side.kernel_args.empty()) return Done{};
  return Error{Fault::usage, "--target native measures the running kernel: a side is a build or a handler", 0,
               "leave kernel= and arg= out, or use --target vm"};
}

Status take_side(std::string_view option, const std::vector<std::string>& words, const std::string& target,
                 gate::RequestedSide& side) {
  auto requested = requested_side(option, words);
  if (!requested) return requested.error();
  side = *std::move(requested);
  return target == "native" ? check_native(side) : Done{};
}

}  // namespace

void add_options(CLI::App& app, GateOptions& options) {
  app.add_option("A", options.comparison.a, "the base")->type_name("");
  app.add_option("B", options.comparison.b, "what is judged")->type_name("");
  app.add_option("--limits", options.limits, "what may change, in TOML [nothing]")->type_name("FILE");
  add_comparison_options(app, options.comparison);
  add_side_option(app, "--base", options.base_words, "measure this side ..");
  add_side_option(app, "--head", options.head_words, ".. against this one [the project as it is]");
  app.add_option("--pairs", options.pairs, "interleaved pairs of noisy measurements [20]")
      ->check(CLI::Range(9U, kMostPairs).description(""))
      ->type_name("N");
  app.add_flag("--no-confirmation", options.no_confirmation, "do not measure a red cell again");
  app.add_flag("--no-anatomy", options.no_anatomy, "do not name the functions that counts differ in");
  add_plan_options(app, options.plan);
  add_kernel_options(app, options);
  add_target_option(app, options);
  add_output_option(app, options.output, "session");
  app.footer(kGateFooter);
}

Status take_options(Arguments passed, GateOptions& options) {
  if (auto status = check_measuring(options); !status) return status;
  auto status = options.measures() ? take_benchmark_flags(std::move(passed), options) : refuse_flags(passed);
  if (!status) return status;
  if (status = check_sides_given(options); !status) return status;
  if (status = take_side("--base", options.base_words, options.target, options.base); !status) return status;
  if (status = take_side("--head", options.head_words, options.target, options.head); !status) return status;
  return check_exports(options.comparison);
}

}  // namespace probebench::cli
