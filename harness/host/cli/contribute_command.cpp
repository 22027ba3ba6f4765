// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/stop.h"
#include "cli/measuring.h"
#include "cli/reproduce_command.h"
#include "contribution/contribution.h"
#include "kernels/cache.h"
#include "kernels/users_kernel.h"
#include "reproduce/reproduction_json.h"
#include "results/packed_file.h"
#include "session/environment_checks.h"
#include "session/project_paths.h"
#include "session/redaction.h"
#include "text/progress_bar.h"
#include "text/table.h"

namespace probebench::cli {
namespace {

namespace fs = std::filesystem;

struct ContributeOptions : MeasuringOptions {
  unsigned processes = 10;  // each measures all cells
};

constexpr const char* kContributeFooter =
    "\nFor an idle machine with real time. It takes some minutes, with the module more.\n"
    "Look at the file before you send it: docs/contribute.md says at what.\n"
    "\nExamples:\n"
    "  sudo ./run-bench contribute --load-module\n"
    "  ./run-bench contribute --kernel newest   # counts, where this one has no image\n"
    "  ./run-bench report --add results/RUN/contribution.json.gz\n";

// How a hit is taken: trap, jump, call, static key, and a trap in user space where the kernel may not be
// probed.
constexpr const char* kContributedTypes =
    "kprobe-stepped,kprobe-boosted,kprobe-optimized,kprobe-ftrace,fentry,raw-tp,uprobe";
constexpr const char* kHandlers = "nop,count,checklist";
constexpr std::int64_t kRounds = 10;  // of each process
constexpr unsigned kMostProcesses = 100;
// The short form of `reproduce`.
constexpr const char* kParts = "per-hit,workloads,traps";
constexpr const char* kSuites = "hot-path";
constexpr const char* kWorkloads = "null-syscall,byte-io,stat";
constexpr const char* kFile = "contribution.json.gz";

std::vector<std::string> own_folders() {
  std::vector<std::string> folders;
  if (const char* home = std::getenv("HOME")) folders.emplace_back(home);
  if (const auto* user = ::getpwuid(::getuid())) folders.emplace_back(user->pw_dir);
  if (const auto project = session::find_project()) folders.push_back(project->root.string());
  if (const auto cache = kernels::default_cache()) folders.push_back(cache->string());
  std::error_code unknown;
  folders.push_back(fs::current_path(unknown).string());
  return folders;
}

std::vector<std::string> names_of_findings() {
  std::vector<std::string> names;
  for (const auto& finding : session::check_environment("/", session::loaded_bpf_programs())) {
    const std::string name(finding.check->name);
    if (names.empty() || names.back() != name) names.push_back(name);  // a file for each CPU
  }
  return names;
}

// Part by part into the folder of all; what does not work on this machine is a line of what is missing.
class Contributing {
 public:
  Contributing(const ContributeOptions& options, const Arguments& line, fs::path folder)
      : options_(options), line_(line), folder_(std::move(folder)) {}

  Status measure() {
    given_.own_paths = own_folders();
    given_.unfit = names_of_findings();
    TRY(measure_processes());
    TRY(contribution::check(given_));
    TRY(reproduce());
    return count();
  }

  Status write() const {
    return results::write_packed_file(file(), contribution::write_contribution(given_));
  }

  fs::path file() const { return folder_ / kFile; }

  // Also where nothing was measured: it says why.
  std::string table() const {
    return given_.processes.empty() ? std::string() : text::table(contribution::published_run(given_));
  }

  std::string text() const {
    auto said = table();
    for (const auto& one : given_.missing) said += "\nnot in it: " + one + "\n";
    return said + fmt::format(
                      "\ncontribution: {}\nLook at it before you send it: docs/contribute.md says at what.\n",
                      file().string());
  }

 private:
  session::RunRequest native_request() const {
    auto request = request_for(static_cast<const MeasuringOptions&>(options_), line_);
    request.targets = {.native = true};
    request.accel = vm::Accel::automatic;
    request.tune = true;
    return request;
  }

  Result<session::RunOutcome> run(session::RunRequest request, const std::string& part) {
    request.output = folder_ / part;
    text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options_.quiet));
    progress.note("contribute: " + part);
    return session::run(request, progress);
  }

  Status measure_processes() {
    auto request = native_request();
    request = with_consent(options_, request, TRY(session::preview_of(request)));
    load_module_ = request.load_module;
    for (unsigned process = 1; process <= options_.processes; ++process) {
      auto outcome = TRY(run(request, fmt::format("process-{:02}", process)));
      if (stop_requested()) return Error{Fault::interrupted, "interrupted", 0, {}};
      given_.processes.push_back(std::move(outcome.record));
    }
    return Done{};
  }

  // Only a request to stop is an error.
  Status or_missing(const Status& status, const std::string& what) {
    if (status) return Done{};
    if (status.error().fault == Fault::interrupted) return status.error();
    const session::Redaction redaction(session::HostSecrets::of_this_machine());
    given_.missing.push_back(redaction.text(what + ": " + status.error().message()));
    return Done{};
  }

  Status reproduce() { return or_missing(try_reproduce(), "what `reproduce` measures"); }
  Status count() { return or_missing(try_count(), "counts under emulation"); }

  Status try_reproduce() {
    ReproduceOptions options;
    static_cast<MeasuringOptions&>(options) = options_;
    options.target = "native";
    options.kernels = "auto";
    options.plan = {};
    options.parts = kParts;
    options.suites = kSuites;
    options.workloads = kWorkloads;
    TRY(take_options({}, options));
    auto request = TRY(reproduce_request(options, line_));
    request.load_module = load_module_;
    request.tune = true;
    const auto outcome = TRY(run(std::move(request), "reproduce"));
    if (stop_requested()) return Error{Fault::interrupted, "interrupted", 0, {}};
    given_.reproduce_json = reproduce::write_reproductions(reproductions_of(outcome), line_);
    return Done{};
  }

  Status try_count() {
    auto request = request_for(static_cast<const MeasuringOptions&>(options_), line_);
    request.targets = {.kernels = options_.kernels};
    if (options_.kernels == "auto") request.targets.kernels = TRY(own_image());
    request.accel = vm::Accel::tcg;
    request.plan.rounds.reset();
    request.load_module = false;
    auto outcome = TRY(run(std::move(request), "counts"));
    if (stop_requested()) return Error{Fault::interrupted, "interrupted", 0, {}};
    if (outcome.record.cells.empty()) return Error{Fault::infra, outcome.problem, 0, {}};
    given_.counts = std::move(outcome.record);
    return Done{};
  }

  static Result<std::string> own_image() {
    const auto kernel = kernels::running_kernel(kernels::running_release());
    if (::access(kernel.image.c_str(), R_OK) == 0) return kernel.image.string();
    return Error{Fault::infra, "the running kernel's image: " + kernel.image.string(), errno,
                 "--kernel names another kernel, or one's image"};
  }

  const ContributeOptions& options_;
  const Arguments& line_;
  fs::path folder_;
  bool load_module_ = false;
  contribution::Contribution given_;
};

void add_options(CLI::App& app, ContributeOptions& options) {
  options.target = "native";
  options.plan.probe_types = kContributedTypes;
  options.plan.handlers = kHandlers;
  options.plan.rounds = kRounds;
  add_kernel_options(app, options);
  add_native_options(app, options);
  app.add_option("--processes", options.processes, "each measures everything anew [10]")
      ->check(CLI::Range(1U, kMostProcesses).description(""))
      ->type_name("N");
  add_output_option(app, options.output, "contribution");
  app.footer(kContributeFooter);
}

Status take_options(const Arguments& passed, const ContributeOptions& options) {
  TRY(refuse_flags(passed));
  if (options.accel != "auto") {
    return Error{
        Fault::usage,
        fmt::format("--accel {}: time is the running kernel's, and counts are emulated", options.accel), 0,
        "leave it out"};
  }
  TRY(check_kernels(options));
  if (options.kernels == "all" || options.kernels.find(',') != std::string::npos) {
    return Error{Fault::usage, fmt::format("--kernel {}: counts are of one kernel", options.kernels), 0,
                 "the running one's, or the most similar one that there is"};
  }
  auto running = options;  // a kernel is for the counts alone
  running.kernels = "auto";
  return check_measuring(running);
}

Result<CommandResult> perform(const ContributeOptions& options, const Arguments& line) {
  const auto directory = TRY(session::run_directory(options.output, std::chrono::system_clock::now()));
  Contributing contributing(options, line, directory.path());
  if (const auto measured = contributing.measure(); !measured) {
    if (measured.error().fault != Fault::unsupported) return measured.error();
    return CommandResult{.exit_code = ExitCode::nothing_measured,
                         .output = contributing.table(),
                         .problem = measured.error().message() + "\n"};
  }
  TRY(contributing.write());
  return CommandResult{.output = contributing.text()};
}

}  // namespace

Subcommand add_contribute(CLI::App& app) {
  return subcommand<ContributeOptions>(
      app.add_subcommand("contribute", "times of this machine in one file, for others to read"));
}

}  // namespace probebench::cli
