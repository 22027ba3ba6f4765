// SPDX-License-Identifier: MIT
// The program inside the target. In a virtual machine it is PID 1: it mounts what it needs, loads the helper
// module, runs the plan and ends the machine. On the running kernel it is a child process: plan in a file,
// records on standard output.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/carried_disk.h"
#include "agent/earlier_agents.h"
#include "agent/guest.h"
#include "agent/lifeline.h"
#include "agent/module_keeper.h"
#include "agent/plan_item.h"
#include "agent/record_channel.h"
#include "attach/tracefs_attachment.h"
#include "base/file.h"
#include "base/stop.h"
#include "call/user_loop.h"
#include "call/user_sites.h"
#include "experiment/experiments.h"
#include "kernel/arch.h"
#include "kernel/environment.h"
#include "kernel/kallsyms.h"
#include "kernel/passing_symbols.h"
#include "kernel/put_back.h"
#include "model/exit_code.h"
#include "run/machine.h"
#include "run_benchmarks.h"
#include "wire/experiment_json.h"
#include "wire/records.h"

namespace probebench::agent {
namespace {

constexpr const char* kPlanPath = "/plan.json";
constexpr const char* kModulePath = "/probebench.ko";
// A killed agent is gone within milliseconds; anything longer is a run that goes on.
constexpr std::chrono::seconds kEarlierAgents{5};
// Which CPU does least; the kernel counts in hundredths of a second.
constexpr std::chrono::milliseconds kWatched{500};

Result<Plan> load_plan(const fs::path& path) {
  return wire::decode_plan(TRY(read_file(path)));
}

bench::CellListener listener_on(const RecordChannel& channel) {
  return {[&channel](const Cell& cell) { channel.send(wire::CellBegin{cell.name()}); },
          [&channel](const CellResult& result) { channel.send(wire::CellEnd{result}); }};
}

// In pieces: the host reads line by line.
Status send_symbols(const RecordChannel& channel) {
  constexpr std::size_t kPiece = 1 << 16;
  const auto symbols = kernel::text_symbols(TRY(kernel::first_listing()), kernel::SymbolSet::all);
  for (std::size_t at = 0; at < symbols.size(); at += kPiece) {
    channel.send(wire::Symbols{symbols.substr(at, kPiece)});
  }
  return Done{};
}

int exit_code_for(const bench::CellContext& context) {
  for (const auto& [name, result] : context.results) {
    if (result.status == CellStatus::errored || result.status == CellStatus::invalid) {
      return static_cast<int>(ExitCode::cell_failed);
    }
  }
  return static_cast<int>(ExitCode::fine);
}

void send_list(const RecordChannel& channel, const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += name + "\n";
  channel.send(wire::ConsoleText{text});
}

std::vector<stats::HitCost> costs_of(const bench::CellContext& context) {
  std::vector<stats::HitCost> costs;
  for (const auto& [name, result] : context.results) {
    if (auto cost = stats::hit_cost_of(result, context.clock, context.tsc_khz)) costs.push_back(*cost);
  }
  return costs;
}

bool run_experiments_on(const Plan& plan, const run::Machine& machine, std::vector<stats::HitCost> costs,
                        const RecordChannel& channel) {
  const experiment::ExperimentContext context{
      .control = machine.control ? &*machine.control : nullptr,
      .offer = machine.offer,
      .limits = machine.module_limits,
      .tsc_khz = machine.tsc_khz,
      .clock = plan.clock,
      .costs = std::move(costs),
      .tell = [&channel](const ExperimentRecord& record) { channel.send(wire::Experiment{record}); }};
  return experiment::run_experiments(plan.experiment, context);
}

std::function<Result<std::string>()> passing_symbols() {
  auto watched = kernel::PassingSymbols::watch();
  if (!watched) return [] { return kernel::read_text_symbols(kernel::SymbolSet::passing); };
  const auto shared = std::make_shared<kernel::PassingSymbols>(std::move(*watched));
  return [shared] { return shared->text(); };
}

// Everything between the first record and the last. Returns the exit code.
Result<int> run_plan(const Plan& plan, run::Machine& machine, const RecordChannel& channel) {
  bench::CellContext context;
  context.make_rig = [&](const Cell& cell) { return run::make_rig(cell, machine); };
  context.offer = machine.offer;
  context.tsc_khz = machine.tsc_khz;
  context.clock = plan.clock;
  context.seed = plan.seed;
  context.listener = listener_on(channel);
  if (plan.paths) {
    context.symbols = passing_symbols();
    context.listener.paths = [&channel](const Cell& cell, const MarkedLoops& loops) {
      channel.send(wire::CellPaths{cell.name(), loops});
    };
  }
  auto run = bench::BenchmarkRun::prepare(plan, context);
  if (!run) return run.error();
  channel.send(wire::Hello{run::environment_of(machine), run->selected()});
  if (run->lists_only()) {
    send_list(channel, run->selected());
  } else {
    if (plan.paths) {
      TRY(send_symbols(channel));
    }
    // Google Benchmark calls a run of nothing a failure.
    if (!plan.cells.empty()) {
      std::optional<call::PathsRecorded> recorded;
      if (plan.paths) recorded.emplace();
      run->run([&channel](std::string_view text) { channel.send(wire::BenchmarkText{std::string(text)}); });
    }
    if (const auto left = kernel::trace_leftovers(attach::trace_name()); !left.empty()) {
      return Error{Fault::infra, "clean up: tracefs still has " + left.front(), EBUSY, {}};
    }
    if (plan.experiment.predict.asked()) machine.own_cpu.reset();  // the user's command has them all
    if (!run_experiments_on(plan, machine, costs_of(context), channel)) {
      return static_cast<int>(ExitCode::cell_failed);
    }
  }
  return exit_code_for(context);
}

Result<Plan> guests_plan(const RecordChannel& channel) {
  if (::access(kPlanPath, F_OK) == 0) return load_plan(kPlanPath);
  // A kernel without it lacks some rows, each with its own reason.
  static_cast<void>(kernel::first_listing());
  const auto text = TRY(await_plan(channel));
  return wire::decode_plan(text);
}

// A kernel whose headers are not there comes without the module: rows that need it say so.
Result<run::Machine> guests_machine() {
  if (::access(kModulePath, F_OK) != 0) return run::open_running_kernel();
  TRY(kernel::Control::load_module(kModulePath));
  return run::open_machine();
}

// All that does not depend on the plan comes first: what is done then is saved with the booted guest.
Result<int> run_in_guest(const RecordChannel& channel) {
  TRY(mount_carried_disk());
  auto machine = TRY(guests_machine());
  const auto plan = TRY(guests_plan(channel));
  run::set_clock(machine, plan.clock);
  return run_plan(plan, machine, channel);
}

// What the host says of the helper module for the running kernel.
struct ModuleChoice {
  fs::path file;      // it may be loaded; empty: it may not, or there is none
  std::string why;    // there is none
  std::string needs;  // what would give it
};

// With the module where it is loaded already, or may be. Without it some rows say why.
run::Machine native_machine(const ModuleChoice& choice, std::optional<ModuleKeeper>& keeper) {
  if (::access(kernel::kControlDevice, F_OK) != 0) {
    if (choice.file.empty()) {
      return run::open_running_kernel(Error{Fault::unsupported, choice.why, 0, choice.needs});
    }
    auto loaded = ModuleKeeper::load(choice.file);
    if (!loaded) return run::open_running_kernel(loaded.take_error());
    keeper = *std::move(loaded);
  }
  auto machine = run::open_machine();
  if (!machine) return run::open_running_kernel(run::module_in_use(machine.take_error()));
  machine->tsc_khz = machine->module_limits.tsc_khz = kernel::measure_tsc_khz();
  return *std::move(machine);
}

// How a child process is told what to do; see on_other_machine.sh for one of another host.
struct ChildTask {
  const char* plan = nullptr;
  ModuleChoice module;
  std::optional<std::chrono::seconds> patience;  // with standard input: it has to bring signs of life
  std::string cpus;                              // which of them may be measured; empty: all
};

Result<int> run_natively(const ChildTask& task, const RecordChannel& channel) {
  const auto plan = TRY(load_plan(task.plan));
  TRY(wait_for_earlier_agents(kEarlierAgents));
  call::own_program();
  // Without it some rows are skipped, each with its own reason.
  if (const auto status = see_tracefs(); !status) {
    std::fprintf(stderr, "probebench-agent: %s\n", status.error().message().c_str());
  }
  std::optional<ModuleKeeper> keeper;  // goes last
  auto machine = native_machine(task.module, keeper);
  machine.offer.of_running_kernel = true;
  machine.own_cpu = TRY(QuietCpu::stay(task.cpus, kWatched));
  run::set_clock(machine, plan.clock);
  return run_plan(plan, machine, channel);
}

// Of a run whose processes were all killed at once.
int unload() {
  if (::access(kernel::kControlDevice, F_OK) != 0) return static_cast<int>(ExitCode::fine);
  const auto status = unload_module();
  std::printf("%s\n", status ? "the helper module" : status.error().message().c_str());
  return static_cast<int>(status ? ExitCode::fine : ExitCode::unavailable);
}

// Says what it removed, one line each.
int clean_up() {
  if (const auto status = see_tracefs(); !status) return static_cast<int>(ExitCode::fine);  // nothing to see
  for (const auto& one : kernel::remove_trace_leftovers()) std::printf("%s\n", one.c_str());
  return static_cast<int>(ExitCode::fine);
}

wire::End end_record(const Result<int>& outcome) {
  if (outcome) return {*outcome, {}};
  const bool usage = outcome.error().fault == Fault::usage;
  return {static_cast<int>(usage ? ExitCode::usage : ExitCode::unavailable), outcome.error().message()};
}

void run_guest() {
  if (const auto status = mount_filesystems(); !status) {
    std::fprintf(stderr, "probebench-agent: %s\n", status.error().message().c_str());
    return;
  }
  const auto channel = RecordChannel::open(kernel::kRecordTty);
  if (!channel) {
    std::fprintf(stderr, "probebench-agent: %s\n", channel.error().message().c_str());
    return;
  }
  channel->send(end_record(run_in_guest(*channel)));
}

// Takes "NAME VALUE" from the end.
std::optional<const char*> last_option(std::string_view name, std::vector<const char*>& words) {
  if (words.size() < 2 || name != words[words.size() - 2]) return std::nullopt;
  const auto* const value = words.back();
  words.resize(words.size() - 2);
  return value;
}

std::optional<ChildTask> child_task(std::vector<const char*> words) {
  const auto asked = [&](std::size_t at, std::string_view option) {
    return words.size() > at && option == words[at];
  };
  ChildTask task;
  if (const auto seconds = last_option("--lifeline", words)) {
    task.patience = std::chrono::seconds(std::strtol(*seconds, nullptr, 10));
  }
  if (const auto cpus = last_option("--cpus", words)) task.cpus = *cpus;
  if (words.size() < 4 || !asked(0, "--plan")) return std::nullopt;
  task.plan = words[1];
  if (words.size() == 4 && asked(2, "--module")) {
    task.module.file = words[3];
    return task;
  }
  if (words.size() != 5 || !asked(2, "--no-module")) return std::nullopt;
  task.module.why = words[3];
  task.module.needs = words[4];
  return task;
}

int run_child(const ChildTask& task) {
  install_stop_handlers();
  std::optional<Lifeline> lifeline;
  if (task.patience) {
    // It says where the libraries are that came with us, and is not for the programs that we start.
    ::unsetenv("LD_LIBRARY_PATH");
    lifeline.emplace(STDIN_FILENO, *task.patience);
  }
  const RecordChannel channel{UniqueFd(STDOUT_FILENO)};
  const auto record = end_record(run_natively(task, channel));
  channel.send(record);
  return record.exit_code;
}

}  // namespace
}  // namespace probebench::agent

int main(int argc, char** argv) {
  const auto asked = [&](int at, std::string_view option) {
    return argc > at && std::string_view(argv[at]) == option;
  };
  const auto task = probebench::agent::child_task({argv + 1, argv + argc});
  if (task) return probebench::agent::run_child(*task);
  if (argc == 2 && asked(1, "--clean-up")) return probebench::agent::clean_up();
  if (argc == 2 && asked(1, "--unload")) return probebench::agent::unload();
  if (::getpid() != 1) {
    std::fputs("probebench-agent: is started by ./run-bench\n", stderr);
    return static_cast<int>(probebench::ExitCode::usage);
  }
  probebench::agent::run_guest();
  probebench::agent::end_machine();
}
