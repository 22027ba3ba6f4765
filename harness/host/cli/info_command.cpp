// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/process.h"
#include "base/unique_fd.h"
#include "cli/measuring.h"
#include "kernels/users_kernel.h"
#include "model/external_probe.h"
#include "session/environment_checks.h"
#include "session/native_target.h"
#include "session/vm_setup.h"
#include "text/progress_bar.h"
#include "text/text.h"
#include "tree/kernel_options.h"
#include "wire/experiment_json.h"
#include "wire/records.h"

namespace probebench::cli {
namespace {

using nlohmann::ordered_json;
using Facts = std::vector<std::pair<std::string, std::string>>;

constexpr std::chrono::seconds kVersionDeadline{10};
constexpr std::size_t kNameWidth = 24;

std::string first_line_of(const std::vector<std::string>& argv) {
  const auto finished = run_command({.argv = argv}, kVersionDeadline);
  if (!finished) return finished.error().message();
  return finished->output.substr(0, finished->output.find('\n'));
}

// Opening proves little: some hosts have one that cannot run an ordinary kernel; booting is the proof.
std::string kvm_text() {
  const UniqueFd kvm(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (!kvm) return fmt::format("no (/dev/kvm: {})", std::strerror(errno));
  return "/dev/kvm opens; --accel auto proves it by booting";
}

std::string cached_kernels() {
  const auto cache = kernels::default_cache();
  if (!cache) return cache.error().message();
  std::vector<std::string> names;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(*cache / "kernels", absent)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names.empty() ? "none yet" : fmt::format("{}", fmt::join(names, " "));
}

Facts host_facts() {
  return {{"qemu", first_line_of({"qemu-system-x86_64", "--version"})},
          {"kvm", kvm_text()},
          {"compiler", first_line_of({"gcc", "--version"})},
          {"cached kernels", cached_kernels()}};
}

struct InfoOptions : KernelOptions {
  std::string target = "vm";  // vm, native
  bool load_module = false;   // native: the helper module may be loaded
  bool json = false;
  bool checks = false;  // native: only what about this machine makes time noisy
};

struct TargetAnswer {
  vm::VmAttempt attempt;
  std::optional<wire::Hello> hello;
};

// Its configuration says what it lacks, whether it boots or not.
struct KernelAnswer {
  bool has_config = false;
  std::vector<tree::OptionCost> costs;
  Result<TargetAnswer> target;
};

// Takes lines until the guest has introduced itself; with an empty plan it ends by itself soon after.
bool take_line(std::string_view line, TargetAnswer& answer) {
  auto record = wire::decode(line);
  if (!record) return true;
  if (auto* hello = std::get_if<wire::Hello>(&*record)) answer.hello = std::move(*hello);
  return answer.hello.has_value();
}

vm::VmEvents events_into(TargetAnswer& answer) {
  vm::VmEvents events;
  events.plan_json = [](ClockKind clock) {
    Plan nothing;
    nothing.clock = clock;
    return wire::encode_plan(nothing);
  };
  events.on_start = [&](const vm::VmAttempt& attempt) { answer.attempt = attempt; };
  events.on_line = [&](std::string_view line) { return take_line(line, answer); };
  return events;
}

Result<TargetAnswer> boot_target(vm::PreparedVm& vm, kernels::Progress& progress) {
  vm.request.guest_log = vm.cache / "info-guest.log";
  TargetAnswer answer;
  const auto events = events_into(answer);
  const auto outcome = TRY(vm::run_vm(vm, events, progress));
  if (!answer.hello) {
    return Error{Fault::infra, "the guest said nothing: " + outcome.detail, 0,
                 "its console is in " + vm.request.guest_log.string()};
  }
  return answer;
}

Result<KernelAnswer> ask_target(const InfoOptions& options, const session::ProjectPaths& project,
                                kernels::Progress& progress) {
  auto vm =
      TRY(session::prepare_target(request_for(options), {.kernel = options.kernels}, project, progress));
  const auto config = vm.kernel.config.empty() ? Result<std::string>(Error{}) : read_file(vm.kernel.config);
  return KernelAnswer{
      .has_config = config.ok(),
      .costs = config ? tree::costs_of_config(*config, vm.kernel.release) : std::vector<tree::OptionCost>(),
      .target = boot_target(vm, progress)};
}

// Its facts stay on this terminal, so nothing is redacted.
Result<TargetAnswer> ask_running_kernel(const session::RunRequest& request,
                                        const session::ProjectPaths& project, kernels::Progress& progress) {
  const auto log = TRY(kernels::default_cache()) / "info-guest.log";
  auto module = TRY(session::native_module(request, project, progress));
  TargetAnswer answer;
  const auto outcome = TRY(session::run_native({.agent = project.agent,
                                                .module = std::move(module),
                                                .cpu_list = {},
                                                .agent_log = log,
                                                .silence_deadline = request.silence_deadline},
                                               events_into(answer)));
  if (answer.hello) return answer;
  return Error{Fault::infra, "the agent said nothing: " + outcome.detail, 0, {}};
}

Result<KernelAnswer> ask_this_machine(const InfoOptions& options, const session::ProjectPaths& project,
                                      kernels::Progress& progress) {
  auto request = request_for(options);
  request.load_module = options.load_module;
  const auto ours = TRY(session::set_up_native(request, project, progress));
  auto answer = ask_running_kernel(request, project, progress);
  const auto release = answer ? answer->hello->environment.facts["kernel.release"] : std::string();
  const auto kernel = kernels::running_kernel(release);
  const auto config = kernel.config.empty() ? Result<std::string>(Error{}) : read_file(kernel.config);
  return KernelAnswer{
      .has_config = config.ok(),
      .costs = config ? tree::costs_of_config(*config, release) : std::vector<tree::OptionCost>(),
      .target = std::move(answer)};
}

bool offers(const Environment& environment, Capability capability) {
  return std::ranges::find(environment.capabilities, capability) != environment.capabilities.end();
}

std::string capability_text(const Environment& environment, const CapabilityInfo& info) {
  if (offers(environment, info.id)) return "yes";
  return fmt::format("no: {} (needs {})", info.missing, info.provided_by);
}

std::string fact_line(std::string_view name, std::string_view value) {
  return text::wrapped(fmt::format("  {:<{}} ", name, kNameWidth), value, kNameWidth + 3);
}

std::string host_text() {
  std::string text = "This machine:\n";
  for (const auto& [name, value] : host_facts()) text += fact_line(name, value);
  return text;
}

// Which of the ways to arm a probe of the user's this kernel has: by what `cost` would use of it.
bool offers(const Environment& environment, ProbeSource source) {
  const auto any = [&](std::initializer_list<Capability> capabilities) {
    return std::ranges::any_of(capabilities, [&](Capability one) { return offers(environment, one); });
  };
  switch (source) {
    case ProbeSource::bpf_object:
      return any({Capability::bpf_kprobe, Capability::bpf_tracepoint, Capability::bpf_trampoline});
    case ProbeSource::module:
      return any({Capability::helper_module});
    case ProbeSource::tracefs:
      return any({Capability::kprobe_events, Capability::trace_events, Capability::function_tracer});
    case ProbeSource::command:
      return true;
  }
  return false;
}

std::string external_text(const Environment& environment) {
  std::string text = fmt::format("\nProbe type {} ({}):\n", kExternalType, kExternalSummary);
  for (const auto& source : kProbeSources) {
    text += fact_line(source.option, offers(environment, source.id) ? source.summary : "no");
  }
  return text;
}

std::string cost_text(const tree::OptionCost& cost) {
  return fmt::format("{} row{}: {}", cost.rows, cost.rows == 1 ? "" : "s",
                     cost.lost.empty() ? "all of them" : fmt::format("{}", fmt::join(cost.lost, ", ")));
}

std::string config_text(const KernelAnswer& answer) {
  if (!answer.has_config) return {};
  std::string text = "\nConfiguration, and what it costs (./run-bench kernel-config has no such cost):\n";
  if (answer.costs.empty()) text += "  nothing that this kernel could have is missing\n";
  for (const auto& cost : answer.costs) text += fact_line(cost.option, cost_text(cost));
  return text;
}

std::string target_text(const TargetAnswer& answer) {
  std::string text = answer.attempt.native ? "\nThe running kernel:\n" : "\nThe virtual machine:\n";
  for (const auto& [name, value] : answer.attempt.facts) text += fact_line(name, value);
  for (const auto& [name, value] : answer.hello->environment.facts) {
    if (!answer.attempt.facts.contains(name)) text += fact_line(name, value);
  }
  text += external_text(answer.hello->environment) + "\nCapabilities:\n";
  for (const auto& info : kCapabilities) {
    text += fact_line(info.name, capability_text(answer.hello->environment, info));
  }
  return text;
}

ordered_json external_json(const Environment& environment) {
  ordered_json sources = ordered_json::object();
  for (const auto& source : kProbeSources) {
    sources[std::string(source.name)] = offers(environment, source.id);
  }
  return sources;
}

ordered_json capability_json(const Environment& environment, const CapabilityInfo& info) {
  const bool offered = offers(environment, info.id);
  return {{"available", offered},
          {"reason", offered ? ordered_json() : ordered_json(info.missing)},
          {"provided_by", offered ? ordered_json() : ordered_json(info.provided_by)}};
}

ordered_json config_json(const KernelAnswer& answer) {
  if (!answer.has_config) return nullptr;
  ordered_json costs = ordered_json::array();
  for (const auto& cost : answer.costs) {
    costs.push_back({{"option", cost.option}, {"rows", cost.rows}, {"probe_types", cost.lost}});
  }
  return costs;
}

std::string json_text(const KernelAnswer& kernel) {
  const auto& answer = *kernel.target;
  ordered_json document{{"host", ordered_json::object()}};
  for (const auto& [name, value] : host_facts()) document["host"][name] = value;
  document["target"] = {{"host_side", answer.attempt.facts}, {"facts", answer.hello->environment.facts}};
  document["configuration_costs"] = config_json(kernel);
  document["external"] = external_json(answer.hello->environment);
  for (const auto& info : kCapabilities) {
    document["capabilities"][std::string(info.name)] = capability_json(answer.hello->environment, info);
  }
  return document.dump(2) + "\n";
}

void add_options(CLI::App& app, InfoOptions& options) {
  add_kernel_options(app, options);
  app.add_option("--target", options.target, "vm, or native: the running kernel [vm]")
      ->check(CLI::IsMember({"vm", "native"}).description(""))
      ->type_name("WHAT");
  app.add_flag("--load-module", options.load_module, "native: load our module until it has answered");
  app.add_flag("--json", options.json, "as JSON");
  app.add_flag("--checks", options.checks, "native: only what makes time noisy; exit 5 if anything");
  app.footer(
      "\nBoots the kernel once, measures nothing. With --checks, nothing boots.\n"
      "\nExamples:\n  ./run-bench info --kernel 6.1\n  ./run-bench info --kernel ~/linux --json\n");
}

Status take_options(const Arguments& passed, const InfoOptions& options) {
  TRY(check_kernels(options));
  if (options.checks && options.target != "native") {
    return Error{Fault::usage, "--checks: of this machine's running kernel", 0, "add --target native"};
  }
  if (options.load_module && options.target != "native") {
    return Error{Fault::usage, "--load-module: a virtual machine loads it anyway", 0,
                 "leave it out, or add --target native"};
  }
  if (options.target == "native" && (options.kernels != "auto" || options.accel != "auto")) {
    return Error{Fault::usage, "--target native asks the running kernel: no --kernel, --accel", 0,
                 "leave them out, or use --target vm"};
  }
  if (options.kernels.find(',') != std::string::npos || options.kernels == "all") {
    return Error{Fault::usage, fmt::format("--kernel {}: info takes one kernel", options.kernels), 0, {}};
  }
  return refuse_flags(passed);
}

CommandResult environment_checks() {
  CommandResult result;
  for (const auto& finding : session::check_environment("/", session::loaded_bpf_programs())) {
    result.exit_code = ExitCode::unfit;
    result.output += finding.text() + "\n";
  }
  return result;
}

Result<CommandResult> perform(const InfoOptions& options, const Arguments&) {
  if (options.checks) return environment_checks();
  const auto project = TRY(session::find_project());
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  const auto answer = options.target == "native" ? ask_this_machine(options, project, progress)
                                                 : ask_target(options, project, progress);
  progress.clear();
  const auto* failure = !answer ? &answer.error() : answer->target ? nullptr : &answer->target.error();
  const auto ends_at_once = [](Fault fault) { return fault == Fault::interrupted || fault == Fault::usage; };
  if (failure != nullptr && (options.json || ends_at_once(failure->fault))) return *failure;
  const auto known = host_text() + (answer ? config_text(*answer) : "");
  // What the machine has is worth saying when no kernel boots on it.
  if (failure != nullptr) return CommandResult{ExitCode::unavailable, known, failure->message() + "\n"};
  return CommandResult{.output = options.json ? json_text(*answer) : known + target_text(*answer->target)};
}

}  // namespace

Subcommand add_info(CLI::App& app) {
  return subcommand<InfoOptions>(
      app.add_subcommand("info", "what this machine and a kernel offer, and why not"));
}

}  // namespace probebench::cli
