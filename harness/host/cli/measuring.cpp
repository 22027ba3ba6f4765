// SPDX-License-Identifier: MIT
#include "cli/measuring.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <iostream>
#include <set>

#include "base/file.h"
#include "base/quiet_cpu.h"
#include "base/text.h"
#include "cli/version.h"
#include "kernels/users_kernel.h"
#include "modules/module_sign.h"
#include "plan/selection.h"
#include "remote/ssh_client.h"
#include "session/native_target.h"
#include "text/cross_table.h"
#include "text/progress_bar.h"
#include "text/table.h"

namespace probebench::cli {
namespace {

constexpr unsigned kMaxJobs = 1024;
constexpr unsigned kLongestDeadline = 24 * 3600;

// The parser has checked the words.
vm::Accel accel_of(const std::string& word) {
  if (word == "kvm") return vm::Accel::kvm;
  return word == "tcg" ? vm::Accel::tcg : vm::Accel::automatic;
}

vm::ClockWish clock_of(const std::string& word) {
  if (word == "tsc") return vm::ClockWish::tsc;
  return word == "instructions" ? vm::ClockWish::instructions : vm::ClockWish::automatic;
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(' ') == std::string::npos;
}

bool is_no_model(const std::string& cpu) {
  return cpu.empty() || !std::isalnum(static_cast<unsigned char>(cpu.front()));
}

Status check_cpu_list(const std::string& list) {
  if (list.empty() || parse_cpu_list(list)) return Done{};
  return Error{
      Fault::usage, fmt::format("--cpu-list {}: expected numbers and ranges such as 2-3,7", list), 0, {}};
}

Status check_running_kernels(const MeasuringOptions& options) {
  if (options.kernels != "auto" || !options.kernel_args.empty() || !options.cpus.empty() ||
      options.archs != info_of(ArchId::x86_64).name) {
    return Error{
        Fault::usage,
        fmt::format("--target {} measures the running kernel: no --kernel, --kernel-arg, --cpu, --arch",
                    options.target),
        0, "leave them out, or use --target vm"};
  }
  TRY(check_cpu_list(options.cpu_list));
  if (options.accel == "auto") return Done{};
  return Error{Fault::usage, fmt::format("--accel {}: the running kernel is not emulated", options.accel), 0,
               "leave it out, or use --target vm"};
}

Status check_sign(const MeasuringOptions& options, const session::TargetChoice& running) {
  if (options.sign.empty()) return Done{};
  if (!running.native || !options.load_module) {
    return Error{Fault::usage, "--sign: signs the module that --load-module loads here", 0,
                 "add --target native --load-module"};
  }
  if (!running.ssh.empty()) {
    return Error{Fault::usage,
                 "--sign: a key does not leave this machine, and the module is built on the other one", 0,
                 "run it on that machine, with --target native"};
  }
  const auto key = modules::signing_key(options.sign);
  return key ? Status(Done{}) : key.error();
}

Status check_virtual_machines(const MeasuringOptions& options) {
  if (options.load_module) {
    return Error{Fault::usage, "--load-module: a virtual machine loads it anyway", 0,
                 "leave it out, or add --target native"};
  }
  if (!options.cpu_list.empty() && options.accel != "kvm") {
    return Error{Fault::usage, "--cpu-list: names CPUs of this machine, and an emulated one has its own", 0,
                 "leave it out, or add --target native or --accel kvm"};
  }
  TRY(check_cpu_list(options.cpu_list));
  if (!options.keep_addresses) return Done{};
  return Error{Fault::usage, "--keep-addresses: only the running kernel's are redacted", 0,
               "leave it out, or add --target native"};
}

Status check_targets(const MeasuringOptions& options) {
  const auto running = TRY(running_kernels(options.target));
  TRY(plan::select_archs(options.archs));
  TRY(check_sign(options, running));
  TRY(running.any_native() ? check_running_kernels(options) : check_virtual_machines(options));
  if (std::ranges::any_of(options.kernel_args, is_blank)) {
    return Error{Fault::usage, "--kernel-arg '': expected arguments such as mitigations=off", 0, {}};
  }
  if (!options.cpus.empty() && std::ranges::any_of(session::cpu_models(options.cpus), is_no_model)) {
    return Error{Fault::usage, fmt::format("--cpu {}: expected models such as max,-fsrm,EPYC", options.cpus),
                 0, "qemu-system-x86_64 -cpu help lists them"};
  }
  if (options.no_plain && options.kernel_args.empty()) {
    return Error{Fault::usage, "--no-plain: goes with --kernel-arg", 0, {}};
  }
  return Done{};
}

Status check_clock(const MeasuringOptions& options) {
  if (options.clock != "instructions") return Done{};
  if (options.target != "auto" && options.target != "vm") {
    return Error{Fault::usage, "--clock instructions: a real CPU counts time", 0, "use --target vm"};
  }
  if (options.accel == "kvm") {
    return Error{Fault::usage, "--clock instructions: KVM counts time", 0, "use --accel tcg or --clock tsc"};
  }
  return Done{};
}

std::string dry_target(const MeasuringOptions& options, const session::RequestedTarget& target) {
  if (target.native) return target.title() + ", clock tsc";
  const auto args = target.kernel_args.empty() ? "" : " with " + target.kernel_args;
  const auto cpu = target.cpu.empty() ? "" : ", cpu " + target.cpu;
  return fmt::format("vm, kernel {}{}{}, accel {}, clock {}", target.kernel, args, cpu, options.accel,
                     options.clock);
}

CommandResult dry_run(const MeasuringOptions& options, const session::RunPreview& preview) {
  const auto& plan = preview.plan;
  std::string text;
  for (const auto& target : preview.targets) {
    text +=
        fmt::format("target: {}; {} rounds, seed {}\n", dry_target(options, target), plan.rounds, plan.seed);
  }
  for (const auto& cell : plan.cells) text += cell.name() + "\n";
  for (const auto& setting : plan.experiment.surface) text += "surface: " + setting.name() + "\n";
  return {.output = text};
}

Status check_benchmark_out(const MeasuringOptions& options, const session::RunPreview& preview) {
  if (options.benchmark_out.empty() || !preview.several()) return Done{};
  return Error{Fault::usage, "--benchmark_out names one file, and there are several targets", 0,
               "drop it: the run's directory has a benchmark-<release>.json for each"};
}

Status copy_benchmark(const MeasuringOptions& options, const session::RunOutcome& outcome) {
  if (options.benchmark_out.empty() || outcome.record.targets.empty() || !outcome.directory) return Done{};
  const auto text = TRY(read_file(outcome.directory->benchmark_path()));
  return write_output(options.benchmark_out, text);
}

// The library takes a number that does not fit for the largest one.
CLI::Validator whole_number() {
  static constexpr std::size_t kDigits = 18;  // fit into 64 bits
  return {[](std::string& text) {
            const bool digits = !text.empty() && std::ranges::all_of(text, [](unsigned char one) {
              return std::isdigit(one);
            });
            if (!digits) return fmt::format("'{}': expected a whole number from 0 on", text);
            return text.size() <= kDigits
                       ? std::string()
                       : fmt::format("'{}': expected a number of at most {} digits", text, kDigits);
          },
          ""};
}

}  // namespace

void add_kernel_options(CLI::App& app, KernelOptions& options) {
  app.add_option("-k,--kernel", options.kernels, "auto, stock, 6.12, 6.12@VERSION, newest, all or path")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--headers", options.headers, "where modules are built for a kernel by path")
      ->type_name("PATH");
  add_kernel_source_options(app, options);
  app.add_option("--accel", options.accel, "auto, kvm or tcg [auto: kvm if it can boot]")
      ->check(CLI::IsMember({"auto", "kvm", "tcg"}).description(""))
      ->type_name("WHAT");
  app.add_option("--deadline", options.deadline_s, "seconds of silence before a target is given up [60]")
      ->check(CLI::Range(1U, kLongestDeadline).description(""))
      ->type_name("SECONDS");
  app.add_flag("--refresh", options.refresh, "look for newer kernel packages first");
  app.add_flag("--fresh-boot", options.fresh_boot, "boot, do not restore a guest that did");
  app.add_flag("-q,--quiet", options.quiet, "no progress, no notes");
}

void add_plan_options(CLI::App& app, plan::PlanOptions& plan) {
  app.add_option("-p,--probe-type", plan.probe_types, "types or groups, comma-separated [all]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--handler", plan.handlers, "on a hit: nop, count, .., delay:NS, all [nop]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--threads", plan.threads, "numbers of callers at once, where CPUs are real [1]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--rounds", plan.rounds, "paired rounds per cell [3; 20 when timing]")
      ->check(whole_number())
      ->type_name("N");
  app.add_option("--seed", plan.seed, "seed of the rounds' random order [1]")
      ->check(whole_number())
      ->type_name("N");
}

void add_target_options(CLI::App& app, MeasuringOptions& options) {
  app.add_option("--kernel-arg", options.kernel_args, "measure again with ARGS added to the boot line")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("ARGS");
  app.add_option("--cpu", options.cpus, "QEMU's CPU models, each with -FEATURE,+FEATURE [max; kvm: host]")
      ->join(',')
      ->type_name("LIST");
  add_jobs_option(app, options);
  // Not in the help, which has to fit one screen: for tests that no count depends on who measured it.
  app.add_option("--deal", options.deal_seed)->check(whole_number())->type_name("SEED")->group("");
  app.add_option("--clock", options.clock, "instructions (tcg) or tsc [what accel allows]")
      ->check(CLI::IsMember({"auto", "instructions", "tsc"}).description(""))
      ->type_name("WHAT");
  add_target_option(app, options);
}

void add_jobs_option(CLI::App& app, MeasuringOptions& options) {
  app.add_option("-j,--jobs", options.jobs, "machines at once when counting [CPUs]; 1 when timing")
      ->check(CLI::Range(1U, kMaxJobs).description(""))
      ->type_name("N");
}

void add_target_option(CLI::App& app, MeasuringOptions& options) {
  app.add_option("--target", options.target, "vm, or running kernels: native, ssh:HOST [vm]")
      ->join(',')
      ->type_name("LIST");
  add_native_options(app, options);
  app.add_flag("--keep-addresses", options.keep_addresses, "native: redact nothing; files are yours only");
}

void add_native_options(CLI::App& app, MeasuringOptions& options) {
  app.add_flag("--load-module", options.load_module, "native: load our module until the run is over");
  app.add_option("--sign", options.sign, "with it: a key that this machine's kernel trusts")
      ->type_name("KEY[,CERT]");
  app.add_option("--cpu-list", options.cpu_list, "native, kvm: on one of these CPUs [isolated or idle]")
      ->type_name("CPUS");
}

void add_output_option(CLI::App& app, std::filesystem::path& output, const std::string& what) {
  app.add_option("-o,--output", output, "put the " + what + "'s files here [results/<run>]")
      ->check(CLI::Validator([](std::string& text) { return text.empty() ? "expected a folder's name" : ""; },
                             ""))
      ->type_name("DIR");
}

Result<session::TargetChoice> running_kernels(const std::string& target) {
  session::TargetChoice choice;
  if (target == "auto" || target == "vm") return choice;
  std::set<std::string> seen;
  for (const auto part : split(target, ',')) {
    const std::string one(trimmed(part));
    if (!seen.insert(one).second) {
      return Error{Fault::usage, fmt::format("--target {}: it is named twice", one), 0,
                   "name each machine once"};
    }
    if (one == "native") {
      choice.native = true;
    } else if (one.starts_with("ssh:")) {
      choice.ssh.push_back(TRY(remote::ssh_destination(one)));
    } else {
      return Error{Fault::usage, fmt::format("--target '{}': expected vm, native or ssh:[user@]host", one), 0,
                   "vm goes alone; the others may be listed"};
    }
  }
  return choice;
}

Status refuse_ssh(const MeasuringOptions& options, const char* command) {
  const auto running = TRY(running_kernels(options.target));
  if (running.ssh.empty()) return Done{};
  return Error{
      Fault::usage,
      fmt::format("{}: --target {}: only run and reproduce measure over ssh", command, options.target), 0,
      "run it on that machine, with --target native"};
}

Status take_benchmark_flags(Arguments passed, MeasuringOptions& options) {
  for (auto& flag : passed) {
    if (flag.starts_with("--benchmark_out_format=")) {
      if (flag.ends_with("=json")) continue;
      return Error{Fault::usage, fmt::format("{}: only json is written", flag), 0, "drop it"};
    }
    if (flag.starts_with("--benchmark_out=")) {
      options.benchmark_out = flag.substr(flag.find('=') + 1);
      if (options.benchmark_out.empty()) return Error{Fault::usage, flag + ": expected a file name", 0, {}};
      continue;
    }
    options.plan.benchmark_args.push_back(std::move(flag));
  }
  return Done{};
}

// What lies here needs no slash; where the catalog has that name, what provides the kernel complains.
Status check_kernels(const KernelOptions& options) {
  const auto may_be_path = [none = std::error_code()](std::string_view name) mutable {
    return kernels::is_kernel_path(name) || std::filesystem::exists(name, none);
  };
  const auto paths = std::ranges::count_if(split(options.kernels, ','), may_be_path);
  if (options.headers.empty() || paths == 1) return Done{};
  return Error{Fault::usage,
               fmt::format("--headers {}: goes with one path, {} given", options.headers.string(), paths), 0,
               "pass one --kernel PATH-TO-VMLINUZ, or name several in a --kernels-file"};
}

Status check_measuring(const MeasuringOptions& options) {
  TRY(check_kernels(options));
  TRY(check_targets(options));
  return check_clock(options);
}

session::RunRequest request_for(const KernelOptions& options) {
  session::RunRequest request;
  request.kernels_file = options.kernels_file;
  request.kernel_cache = options.kernel_cache;
  request.headers = options.headers;
  request.refresh = options.refresh;
  request.fresh_boot = options.fresh_boot;
  request.accel = accel_of(options.accel);
  if (options.deadline_s == 0) return request;
  request.silence_deadline = std::chrono::seconds(options.deadline_s);
  request.deadline_given = true;
  return request;
}

session::RunRequest request_for(const MeasuringOptions& options, const Arguments& line) {
  auto request = request_for(options);
  request.plan = options.plan;
  request.targets = *running_kernels(options.target);  // it was checked
  request.targets.kernels = options.kernels;
  request.targets.kernel_args = options.kernel_args;
  request.targets.no_plain = options.no_plain;
  request.targets.archs = *plan::select_archs(options.archs);  // it was checked
  request.plan.archs = request.targets.archs;
  request.targets.cpus = options.cpus;
  request.clock = clock_of(options.clock);
  request.jobs = options.jobs;
  request.deal_seed = options.deal_seed;
  request.output = options.output;
  request.load_module = options.load_module;
  request.sign = options.sign;
  request.cpu_list = options.cpu_list;
  request.keep_addresses = options.keep_addresses;
  request.tool_version = kVersion;
  request.command = line;
  return request;
}

session::RunRequest with_consent(const MeasuringOptions& options, session::RunRequest request,
                                 const session::RunPreview& preview) {
  const bool asked = options.target == "native" && !request.load_module && !options.quiet &&
                     ::geteuid() == 0 && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  if (!asked || !session::lacks_module(preview.plan)) return request;
  fmt::print(stderr, "Rows of this run need our kernel module. With it, {}.\nLoad it? [y/N] ",
             session::module_warning());
  std::string answer;
  std::getline(std::cin, answer);
  request.load_module = answer == "y" || answer == "Y" || answer == "yes";
  return request;
}

Result<CommandResult> measure(const MeasuringOptions& options, const session::RunRequest& request,
                              const Show& show) {
  TRY(check_copy("--benchmark_out", options.benchmark_out));
  const auto preview = TRY(session::preview_of(request));
  TRY(check_benchmark_out(options, preview));
  if (options.dry_run) return dry_run(options, preview);
  // Of all that is written from here on, copies and what other programs write included.
  if (options.keep_addresses) ::umask(0077);
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  const auto outcome = TRY(session::run(with_consent(options, request, preview), progress));
  if (!outcome.cell_list.empty()) return CommandResult{.output = outcome.cell_list};
  CommandResult result{.exit_code = outcome.exit_code, .problem = outcome.problem};
  if (const auto copied = copy_benchmark(options, outcome); !copied) result.add_problem(copied.error());
  show(outcome, result, progress);
  return result;
}

std::string table_of(const session::RunOutcome& outcome) {
  if (outcome.record.targets.empty()) return {};
  return outcome.several ? text::cross_table(outcome.record) : text::table(outcome.record);
}

}  // namespace probebench::cli
