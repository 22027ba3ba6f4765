// SPDX-License-Identifier: MIT
// Options that several subcommands take.
#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace probebench {

struct Options;
struct PlanOptions;

void add_plan_options(CLI::App& app, PlanOptions& plan);
void add_kernel_options(CLI::App& app, Options& options);
// Which machines, and how many at once.
void add_target_options(CLI::App& app, Options& options);
// All of a run's.
void add_run_options(CLI::App& app, Options& options);

}  // namespace probebench
