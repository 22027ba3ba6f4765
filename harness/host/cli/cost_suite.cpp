// SPDX-License-Identifier: MIT
#include "cli/cost_suite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/digest.h"
#include "base/file.h"
#include "base/stop.h"
#include "cli/version.h"
#include "plan/recipe_file.h"
#include "probe_cost/cost_summary.h"
#include "results/run_directory.h"
#include "results/timestamp.h"
#include "session/project_paths.h"
#include "session/suite_book.h"
#include "text/progress_bar.h"
#include "text/recipes_text.h"
#include "tools/kernel_sample.h"

namespace probebench::cli {
namespace {

using Clock = std::chrono::system_clock;

// A recipe on this machine.
struct Prepared {
  plan::Recipe recipe;
  session::RunRequest request = {};
  std::string refusal = {};  // why no target is asked; empty: it is
  std::string remedy = {};

  const CostPlan& plan() const { return refusal.empty() ? *request.plan.experiment.cost : recipe.plan; }
};

// A name is one of the project's own.
Result<fs::path> suite_file(const std::string& suite) {
  if (suite.find('/') != std::string::npos || suite.ends_with(".toml")) return fs::path(suite);
  const auto project = TRY(session::find_project());
  return project.root / "suites" / (suite + ".toml");
}

// Whoever lacks a tool measures the others.
bool lacks_tool(const plan::Recipe& recipe) {
  const auto& command = recipe.plan.command;
  return !command.empty() && !vm::program_on_path(command.front());
}

void refuse(Prepared& made) {
  auto& plan = made.recipe.plan;
  const auto& tool = plan.command.front();
  const auto package = made.recipe.package.empty() ? tool : made.recipe.package;
  made.refusal = fmt::format("{}: not on this machine; apt-get install {}", tool, package);
  made.remedy = "the package " + package;
  plan.name = made.recipe.name;
  plan.armed.sha256 = sha256_text(fmt::format("{}", fmt::join(plan.command, "\n")));
}

Result<tools::KernelSample> sample_of(const plan::Recipe& recipe, bool quiet) {
  const auto cache = TRY(kernels::default_cache());
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(quiet));
  return tools::kernel_sample(recipe.sample, cache, progress);
}

// Whoever lacks the kernel's source measures the others.
Status take_sample(Prepared& made, CostOptions& options) {
  const auto sample = sample_of(made.recipe, options.quiet);
  if (sample) {
    options.probe_module = sample->file;
    options.plan.experiment.cost->armed.versions.emplace("source", sample->source);
    return Done{};
  }
  if (sample.error().fault != Fault::unsupported) return sample.error();
  made.refusal = sample.error().message();
  made.remedy = "the kernel's source";
  made.recipe.plan.name = made.recipe.name;
  made.recipe.plan.armed.sha256 = sha256_text(made.recipe.sample);
  return Done{};
}

Result<Prepared> prepared(const CostOptions& options, const plan::Recipe& recipe, const Arguments& line) {
  Prepared made{recipe};
  if (options.from.empty() && lacks_tool(recipe)) {
    refuse(made);
    return made;
  }
  auto one = options;
  one.plan.experiment.cost = recipe.plan;
  if (recipe.plan.source == ProbeSource::bpf_object) one.bpf_object = recipe.plan.file;
  if (recipe.plan.source == ProbeSource::module) one.probe_module = recipe.plan.file;
  if (!recipe.sample.empty()) TRY(take_sample(made, one));
  if (!made.refusal.empty()) return made;
  if (!one.from.empty() && !recipe.package.empty() && one.from.find(':') == std::string::npos) {
    one.from += ":" + recipe.package;
  }
  made.request = TRY(cost_request(one, line));
  // Several recipes may use one file or one tool.
  made.request.plan.experiment.cost->name = recipe.name;
  return made;
}

// What is wrong with one of them is told before any is measured.
Result<std::vector<Prepared>> prepared_suite(const CostOptions& options, const Arguments& line) {
  const auto file = TRY(suite_file(options.suite));
  const auto suite = TRY(plan::load_recipes(file));
  std::vector<Prepared> all;
  for (const auto& recipe : suite.recipes) all.push_back(TRY(prepared(options, recipe, line)));
  return all;
}

// Its bar counts the recipes of all targets; where a recipe's own files are is no news.
class RecipeProgress final : public session::RunProgress {
 public:
  RecipeProgress(session::RunProgress& shown, std::string recipe)
      : shown_(shown), recipe_(std::move(recipe)) {}

  void step(std::string_view what) override { shown_.step(what); }
  void note(std::string_view what) override {
    if (!what.starts_with("results: ")) shown_.note(what);
  }
  void plan(std::size_t) override {}
  void correct(std::ptrdiff_t cells) override { shown_.correct(cells); }
  void cell_begin(std::string_view name) override { shown_.cell_begin(fmt::format("{}: {}", recipe_, name)); }
  void cell_end() override { shown_.cell_end(); }
  void clear() override { shown_.clear(); }

 private:
  session::RunProgress& shown_;
  std::string recipe_;
};

// Measures so many recipes at once, each on a guest of its own; the suite's results are rewritten after each.
class SuiteRun {
 public:
  SuiteRun(std::vector<Prepared>& recipes, unsigned jobs, const Arguments& line,
           results::RunDirectory directory, Clock::time_point started, session::RunProgress& progress)
      : recipes_(recipes),
        jobs_(jobs),
        line_(line),
        directory_(std::move(directory)),
        progress_(progress),
        book_(plans_of(recipes)) {
    head_.tool.version = kVersion;
    head_.started = results::iso8601_utc(started);
    head_.command = line;
  }

  CommandResult run() {
    measure_all();
    progress_.clear();
    write();
    show();
    return std::move(result_);
  }

 private:
  static std::vector<const CostPlan*> plans_of(const std::vector<Prepared>& recipes) {
    std::vector<const CostPlan*> plans;
    for (const auto& one : recipes) plans.push_back(&one.plan());
    return plans;
  }

  // Guests that count instructions do not disturb each other.
  void measure_all() {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (auto i = next++; i < recipes_.size() && !stop_requested(); i = next++) measure(i);
    };
    std::vector<std::jthread> workers;
    while (workers.size() < std::min<std::size_t>(jobs_, recipes_.size())) workers.emplace_back(work);
  }

  void measure(std::size_t index) {
    auto& one = recipes_[index];
    if (!one.refusal.empty()) {
      const std::lock_guard lock(mutex_);
      return book_.refuse(index, one.refusal, one.remedy);
    }
    one.request.output = directory_.path() / one.recipe.name;
    one.request.jobs = 1;
    RecipeProgress progress(progress_, one.recipe.name);
    const auto outcome = session::run(one.request, progress);
    const std::lock_guard lock(mutex_);
    if (!outcome) return fail(index, outcome.error());
    for (const auto& page : outcome->pages) book_.add(index, page, one.recipe.may_fail);
    take_problem(one.recipe, *outcome);
    write();
  }

  // A sample of another kernel's source may not be built for this one.
  void fail(std::size_t index, const Error& error) {
    const auto& recipe = recipes_[index].recipe;
    if (error.fault == Fault::interrupted) return;
    if (recipe.may_fail) return book_.refuse(index, error.message(), "a kernel that it can be built for");
    result_.problem += recipe.name + ": " + error.message() + "\n";
    broke_ = true;
  }

  // What ended a target early; what its cells have to say is in the table.
  void take_problem(const plan::Recipe& recipe, const session::RunOutcome& outcome) {
    if (outcome.exit_code == ExitCode::interrupted || outcome.problem.empty()) return;
    result_.problem += recipe.name + ": " + outcome.problem;
    broke_ = true;
  }

  void write() {
    const auto record = book_.record(head_, stop_requested() ? "interrupted" : "");
    if (record.targets.empty()) return;
    auto written = directory_.write(record);
    if (written) written = write_file_atomic(directory_.cost_path(), cost::write_costs(costs(), line_));
    if (!written && !broke_) {
      result_.add_problem(written.error());
      broke_ = true;
    }
  }

  cost::Costs costs() const {
    cost::Costs costs;
    for (const auto& target : book_.targets()) {
      const auto cells = book_.cells_on(target.info.id);
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i] == nullptr) continue;
        costs.push_back({target.info.id, cells[i]->cost, {}, recipes_[i].recipe.name});
      }
    }
    return costs;
  }

  void show() {
    for (const auto& target : book_.targets()) {
      std::vector<text::RecipeRow> rows;
      const auto cells = book_.cells_on(target.info.id);
      for (std::size_t i = 0; i < cells.size(); ++i) {
        rows.push_back({recipes_[i].recipe.name, cells[i] == nullptr ? nullptr : &cells[i]->cost});
      }
      if (!result_.output.empty()) result_.output += "\n";
      result_.output += text::recipes_table(target.info.id, rows);
    }
    if (book_.targets().empty()) show_refusals();
    result_.exit_code = exit_code();
    if (!book_.targets().empty()) progress_.note("results: " + directory_.path().string());
  }

  // Nothing was booted.
  void show_refusals() {
    for (const auto& one : recipes_) {
      if (!one.refusal.empty()) result_.problem += one.recipe.name + ": " + one.refusal + "\n";
    }
  }

  ExitCode exit_code() const {
    if (stop_requested()) return ExitCode::interrupted;
    return broke_ ? ExitCode::cell_failed : session::exit_code_of_cells(book_.record(head_, "").cells);
  }

  std::vector<Prepared>& recipes_;
  unsigned jobs_;
  const Arguments& line_;
  results::RunDirectory directory_;
  session::RunProgress& progress_;
  session::SuiteBook book_;
  RunRecord head_;
  CommandResult result_;
  bool broke_ = false;
  std::mutex mutex_;  // of the book, the result and the suite's files
};

// The steps of all recipes on all targets.
Result<std::size_t> planned_steps(const std::vector<Prepared>& recipes) {
  std::size_t steps = 0;
  for (const auto& one : recipes) {
    if (!one.refusal.empty()) continue;
    const auto preview = TRY(session::preview_of(one.request));
    steps += preview.targets.size() * preview.plan.experiment.steps();
  }
  return steps;
}

// As `run --dry-run` has it.
Result<CommandResult> dry_run(const std::vector<Prepared>& recipes) {
  CommandResult result;
  for (const auto& one : recipes) {
    if (!one.refusal.empty()) {
      result.output += fmt::format("{}: refused: {}\n", one.recipe.name, one.refusal);
      continue;
    }
    const auto preview = TRY(session::preview_of(one.request));
    std::vector<std::string> titles;
    for (const auto& target : preview.targets) titles.push_back(target.title());
    result.output += fmt::format("{}: {} on {}\n", one.recipe.name, info_of(one.recipe.plan.workload).name,
                                 fmt::join(titles, ", "));
  }
  return result;
}

}  // namespace

Status check_suite(const CostOptions& options, const Arguments& passed) {
  const std::pair<bool, const char*> theirs[] = {{!options.workload.empty(), "--workload"},
                                                 {!options.bpf_object.empty(), "--bpf-object"},
                                                 {!options.probe_module.empty(), "--module"},
                                                 {!options.parameters.empty(), "--parameter"},
                                                 {!options.setup.empty(), "--setup"},
                                                 {options.anatomy, "--anatomy"},
                                                 {!passed.empty(), "-- CMD"}};
  for (const auto& [given, option] : theirs) {
    if (!given) continue;
    return Error{Fault::usage, fmt::format("cost: --suite and {}: a recipe says it itself", option), 0,
                 "leave one of them out"};
  }
  return Done{};
}

Result<CommandResult> perform_suite(const CostOptions& options, const Arguments& line) {
  auto recipes = TRY(prepared_suite(options, line));
  if (options.dry_run) return dry_run(recipes);
  const auto steps = TRY(planned_steps(recipes));
  const auto started = Clock::now();
  auto directory = TRY(session::run_directory(options.output, started));
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  progress.plan(steps);
  return SuiteRun(recipes, session::jobs_of(options.jobs), line, std::move(directory), started, progress)
      .run();
}

}  // namespace probebench::cli
