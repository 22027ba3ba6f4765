// SPDX-License-Identifier: MIT
#include "cli/tree_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "cli/measuring.h"
#include "session/project_paths.h"
#include "text/progress_bar.h"

namespace probebench::cli {

void add_tree_options(CLI::App& app, TreeOptions& options) {
  options.plan.handlers = "count";
  app.add_option("--tree", options.tree, "the git repository of a kernel")->type_name("DIR");
  app.add_option("--build", options.build, "builds into $KBUILD_OUTPUT [make, from kernel-config]")
      ->type_name("CMD");
  app.add_option("--work", options.work, "keeps source and objects there, for the next time")
      ->type_name("DIR");
  app.add_option("--program", options.program_build, "another build of probebench measures")
      ->type_name("DIR");
  add_plan_options(app, options.plan);
  app.get_option("--handler")->description("on a hit: nop, count, .., delay:NS, all [count]");
  add_output_option(app, options.output, "session");
  app.add_flag("-q,--quiet", options.quiet, "no progress, no notes");
}

Status check_tree(const TreeOptions& options) {
  std::error_code none;
  if (std::filesystem::is_directory(options.tree, none)) return Done{};
  return Error{Fault::usage, fmt::format("--tree '{}': no directory", options.tree.string()), 0,
               "name the git repository of a kernel"};
}

Result<CommandResult> with_tree(const TreeOptions& options, const TreeWork& work) {
  const auto held = TRY(session::run_directory(options.output, std::chrono::system_clock::now()));
  const tree::TreeRequest request{.repository = options.tree,
                                  .build = options.build,
                                  .program_build = options.program_build,
                                  .settings = {.plan = options.plan, .accel = "tcg", .target = "vm"},
                                  .directory = std::filesystem::absolute(held.path()),
                                  .work = options.work};
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  auto result = work(request, progress);
  progress.clear();
  return result;
}

}  // namespace probebench::cli
