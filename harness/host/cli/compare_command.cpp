// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/comparison.h"
#include "cli/option_groups.h"
#include "gate/compare.h"

namespace probebench::cli {
namespace {

constexpr const char* kCompareFooter =
    "\nA, B: a results.json, a run's directory, or a name in ci/baselines/.\n"
    "\nExample:\n  ./run-bench compare results/one results/latest --format markdown\n";

struct CompareOptions : ComparisonOptions {};

void add_options(CLI::App& app, CompareOptions& options) {
  app.add_option("A", options.a, "the base")->required()->type_name("");
  app.add_option("B", options.b, "what is compared with it")->required()->type_name("");
  add_comparison_options(app, options);
  app.footer(kCompareFooter);
}

Status take_options(const Arguments& passed, const CompareOptions& options) {
  auto status = refuse_flags(passed);
  return status ? check_exports(options) : status;
}

Result<CommandResult> perform(const CompareOptions& options, const Arguments&) {
  const auto sides = find_sides(options.a, options.b, options);
  if (!sides) return sides.error();
  const auto& [base, head] = *sides;
  return reported(options, base, head,
                  gate::report_of(gate::compare(gate::match(base, head, rules_for(options, base, head)))));
}

}  // namespace

Subcommand add_compare(CLI::App& app) {
  return subcommand<CompareOptions>(app.add_subcommand("compare", "two results side by side"));
}

}  // namespace probebench::cli
