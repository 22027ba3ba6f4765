// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/measuring.h"
#include "exchange/kernel_file.h"
#include "kernels/kernel_fetch.h"
#include "kernels/kernel_manifest.h"
#include "kernels/kernel_packages.h"
#include "kernels/kernel_store.h"
#include "plan/selection.h"
#include "session/project_paths.h"
#include "session/vm_setup.h"
#include "text/progress_bar.h"
#include "text/text.h"
#include "tools/sysroot_store.h"

namespace probebench::cli {
namespace {

using kernels::TargetPaths;

constexpr const char* kKernelsFooter =
    "\nEach has a --help of its own.\n"
    "\nExamples:\n"
    "  ./run-bench kernels list\n"
    "  ./run-bench kernels export 6.1,6.12 --output kernels.tar\n";
constexpr const char* kKernelsListFooter =
    "\nExamples:\n"
    "  ./run-bench kernels list\n"
    "  ./run-bench kernels list --kernel-cache /srv/kernels\n";
constexpr const char* kKernelsExportFooter =
    "\nExamples:\n"
    "  ./run-bench kernels export 6.1,6.12 --output kernels.tar\n"
    "  ./run-bench kernels export 6.12@6.12.117-1~deb12u1 --output pinned.tar\n";
constexpr const char* kKernelsImportFooter =
    "\nThe file's author is believed: what it holds is built and booted here.\n"
    "\nExamples:\n"
    "  ./run-bench kernels import kernels.tar\n"
    "  ./run-bench kernels import kernels.tar --kernel-cache /srv/kernels\n";

constexpr const char* kKernelsPrepareFooter =
    "\nWhat a run would do first, so that many runs need not: packages are fetched and\n"
    "unpacked, the module is built. Nothing boots.\n"
    "\nExamples:\n"
    "  ./run-bench kernels prepare 6.1,6.12\n"
    "  ./run-bench kernels prepare ~/linux/ --json\n";

struct KernelsListOptions : KernelOptions {};
struct KernelsPrepareOptions : KernelOptions {
  bool json = false;
};
struct KernelsExportOptions : KernelOptions {
  fs::path output;
};
struct KernelsImportOptions : KernelOptions {
  std::vector<fs::path> files;
};

Result<TargetPaths> kernel_paths(const KernelOptions& options) {
  const auto project = TRY(session::find_project());
  return session::target_paths(request_for(options), project);
}

// What is here of one kernel.
struct Here {
  bool unpacked = false;
  bool kept = false;
};
using Kernels = std::map<std::pair<std::string, std::string>, Here>;  // by release and version

void add_unpacked(Kernels& all, const TargetPaths& paths) {
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(paths.cache / kernels::kKernelsPart, absent)) {
    if (entry.path().filename().string().starts_with('.') || !entry.is_directory(absent)) continue;
    const auto identity = kernels::identity_in(entry.path());
    if (identity) all[{identity->release, identity->version}].unpacked = true;
  }
}

void add_kept(Kernels& all, const TargetPaths& paths) {
  for (const auto& name : kernels::names_of_kept(paths.store())) {
    const auto at = name.find('_');
    if (at == std::string::npos || name.ends_with(kernels::kToolsSuffix)) continue;
    all[{name.substr(0, at), name.substr(at + 1)}].kept = true;
  }
}

// How --kernel names it: by the first entry of the catalog that stands for it. Empty: by none.
std::string pinned_name(const kernels::KernelCatalog& catalog, const std::string& release,
                        const std::string& version) {
  const auto found = std::ranges::find_if(catalog.kernels, [&](const auto& entry) {
    return entry.image.empty() && kernels::is_of(entry, release, version);
  });
  return found == catalog.kernels.end() ? std::string("-") : found->name + "@" + version;
}

std::string kernel_table(const Kernels& all, const kernels::KernelCatalog& catalog) {
  if (all.empty()) return "no kernel is kept here yet\n";
  std::vector<text::Column> columns{{"--kernel", text::Align::left, {}},
                                    {"release", text::Align::left, {}},
                                    {"here", text::Align::left, {}}};
  for (const auto& [key, here] : all) {
    const auto* unpacked = here.kept ? "unpacked, packages" : "unpacked";
    text::add_row(columns, {pinned_name(catalog, key.first, key.second), key.first,
                            here.unpacked ? unpacked : "packages"});
  }
  return text::layout(columns);
}

void add_options(CLI::App& app, KernelsListOptions& options) {
  add_kernel_source_options(app, options);
  app.footer(kKernelsListFooter);
}

Status take_options(const Arguments& passed, const KernelsListOptions&) {
  return refuse_flags(passed);
}

Result<CommandResult> perform(const KernelsListOptions& options, const Arguments&) {
  const auto paths = TRY(kernel_paths(options));
  const auto catalog = TRY(kernels::load_catalog(paths.catalog()));
  Kernels all;
  add_unpacked(all, paths);
  add_kept(all, paths);
  return CommandResult{.output = kernel_table(all, catalog)};
}

void add_options(CLI::App& app, KernelsExportOptions& options) {
  app.add_option("KERNELS", options.kernels, "names, comma-separated")->required()->type_name("");
  app.add_option("-o,--output", options.output, "the file")->required()->type_name("FILE");
  add_kernel_source_options(app, options);
  app.add_flag("-q,--quiet", options.quiet, "no progress, no notes");
  app.footer(kKernelsExportFooter);
}

Status take_options(const Arguments& passed, const KernelsExportOptions& options) {
  TRY(refuse_flags(passed));
  return check_copy("--output", options.output);
}

// The names of a kernel's sets: its own, and that of what its tools need where there is one.
Result<std::vector<std::string>> sets_of(const std::string& kernel, const TargetPaths& paths,
                                         kernels::Progress& progress) {
  const auto kept = TRY(kernels::provide_packages(kernel, paths, progress));
  std::vector<std::string> sets{kernels::kept_name(kept.release, kept.version)};
  const auto tools = sets.front() + kernels::kToolsSuffix;
  const auto more = TRY(kernels::find_kept(paths.store(), tools));
  if (more) sets.push_back(tools);
  return sets;
}

Result<std::vector<std::string>> all_sets(const KernelsExportOptions& options, const TargetPaths& paths,
                                          kernels::Progress& progress) {
  const auto catalog = TRY(kernels::load_catalog(paths.catalog()));
  const auto names = TRY(catalog.expand(options.kernels));
  std::vector<std::string> sets;
  for (const auto& name : names) {
    for (const auto& set : TRY(sets_of(name, paths, progress))) {
      if (std::ranges::find(sets, set) == sets.end()) sets.push_back(set);
    }
  }
  return sets;
}

std::string set_lines(const std::vector<std::string>& sets) {
  std::string lines;
  for (const auto& set : sets) lines += "  " + set + "\n";
  return lines;
}

Result<CommandResult> perform(const KernelsExportOptions& options, const Arguments&) {
  const auto paths = TRY(kernel_paths(options));
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  const auto sets = all_sets(options, paths, progress);
  progress.clear();
  if (!sets) return sets.error();
  TRY(exchange::write_kernel_file(paths.store(), *sets, options.output));
  return CommandResult{.output = options.output.string() + "\n" + set_lines(*sets)};
}

void add_options(CLI::App& app, KernelsImportOptions& options) {
  app.add_option("FILES", options.files, "what kernels export wrote")->required()->type_name("");
  add_kernel_source_options(app, options);
  app.add_flag("-q,--quiet", options.quiet, "no progress, no notes");
  app.footer(kKernelsImportFooter);
}

Status take_options(const Arguments& passed, const KernelsImportOptions&) {
  return refuse_flags(passed);
}

Result<CommandResult> perform(const KernelsImportOptions& options, const Arguments&) {
  const auto paths = TRY(kernel_paths(options));
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  CommandResult result;
  for (const auto& file : options.files) {
    const auto taken = exchange::take_kernel_file(file, paths.store(), progress);
    progress.clear();
    if (!taken) return taken.error();
    result.output += file.string() + "\n" + set_lines(*taken);
  }
  return result;
}

void add_options(CLI::App& app, KernelsPrepareOptions& options) {
  app.add_option("KERNELS", options.kernels, "names and paths, comma-separated")->required()->type_name("");
  add_kernel_source_options(app, options);
  app.add_flag("--refresh", options.refresh, "look for newer kernel packages first");
  app.add_flag("--json", options.json, "as JSON: what tells builds apart");
  app.add_flag("-q,--quiet", options.quiet, "no progress, no notes");
  app.footer(kKernelsPrepareFooter);
}

Status take_options(const Arguments& passed, const KernelsPrepareOptions&) {
  return refuse_flags(passed);
}

// A kernel, and what a target of it is made of; or why there is none.
struct Made {
  std::string name;
  Result<vm::PreparedVm> vm;
};

Result<std::vector<Made>> all_made(const KernelsPrepareOptions& options, kernels::Progress& progress) {
  const auto project = TRY(session::find_project());
  const auto paths = TRY(kernel_paths(options));
  const auto catalog = TRY(kernels::load_catalog(paths.catalog()));
  const auto names = TRY(catalog.expand(options.kernels));
  std::vector<Made> all;
  for (const auto& name : names) {
    all.push_back({name, session::prepare_target(request_for(options), {.kernel = name}, project, progress)});
    const auto& vm = all.back().vm;
    if (!vm && vm.error().fault != Fault::infra && vm.error().fault != Fault::unsupported) return vm.error();
  }
  return all;
}

std::string made_table(const std::vector<Made>& all) {
  std::vector<text::Column> columns{{"--kernel", text::Align::left, {}}, {"release", text::Align::left, {}}};
  for (const auto& [name, vm] : all) text::add_row(columns, {name, vm ? vm->kernel.release : "-"});
  return text::layout(columns);
}

std::string json_of(const std::vector<Made>& all) {
  auto document = nlohmann::ordered_json::array();
  for (const auto& [name, vm] : all) {
    nlohmann::ordered_json one{{"kernel", name}};
    if (vm) {
      one["digest"] = vm->kernel.digest;
      one["facts"] = vm->facts;
    } else {
      one["error"] = vm.error().message();
    }
    document.push_back(one);
  }
  return document.dump(2) + "\n";
}

// One that cannot be had leaves the others.
Result<CommandResult> perform(const KernelsPrepareOptions& options, const Arguments&) {
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  const auto all = all_made(options, progress);
  progress.clear();
  if (!all) return all.error();
  CommandResult result{.output = options.json ? json_of(*all) : made_table(*all)};
  for (const auto& [name, vm] : *all) {
    if (vm) continue;
    result.exit_code = ExitCode::unavailable;
    result.problem += fmt::format("{}: {}\n", name, vm.error().message());
  }
  return result;
}

CLI::App& kernels_app(CLI::App& app) {
  const auto known = app.get_subcommands([](const CLI::App* one) { return one->get_name() == "kernels"; });
  if (!known.empty()) return *known.front();
  auto* made = app.add_subcommand("kernels", "kernels list, prepare, export, import: what is kept of them");
  made->require_subcommand(1);
  made->footer(kKernelsFooter);
  return *made;
}

struct SysrootOptions {
  std::string arch;
  std::vector<std::string> packages;
};

void add_options(CLI::App& app, SysrootOptions& options) {
  app.add_option("arch", options.arch, "arm64")->required();
  app.add_option("packages", options.packages, "of the machine's mirror")->required();
  app.group("");  // for ci/arm64-agent
  app.footer("");
}

Status take_options(const Arguments& passed, SysrootOptions& options) {
  TRY(refuse_flags(passed));
  if (arch_from_name(options.arch)) return Done{};
  return Error{Fault::usage, fmt::format("sysroot {}: no known architecture", options.arch), 0,
               "sysroot arm64"};
}

Result<CommandResult> perform(const SysrootOptions& options, const Arguments&) {
  const auto project = TRY(session::find_project());
  const auto cache = TRY(kernels::default_cache());
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(false));
  const auto root = TRY(tools::provide_sysroot(*arch_from_name(options.arch), options.packages,
                                               {.project_root = project.root, .cache = cache}, progress));
  return CommandResult{.output = root.string() + "\n"};
}

}  // namespace

void add_kernel_source_options(CLI::App& app, KernelOptions& options) {
  app.add_option("--kernels-file", options.kernels_file, "names kernels as ci/kernels.toml does")
      ->type_name("FILE");
  app.add_option("--kernel-cache", options.kernel_cache, "keeps kernels' packages, for several users")
      ->type_name("DIR");
}

void add_arch_option(CLI::App& app, MeasuringOptions& options) {
  app.add_option("--arch", options.archs, "x86-64, arm64 or both, emulated [x86-64]")
      ->join(',')
      ->type_name("LIST");
}

void add_refused_arch_option(CLI::App& app, MeasuringOptions& options) {
  app.add_option("--arch", options.archs)->join(',')->group("");
}

Status refuse_arch(const MeasuringOptions& options, const char* command, const char* why) {
  if (options.archs == info_of(ArchId::x86_64).name) return Done{};
  TRY(plan::select_archs(options.archs));
  return Error{Fault::usage, fmt::format("{}: --arch {}: {}", command, options.archs, why), 0,
               "./run-bench --arch arm64, anatomy and gate measure there"};
}

Subcommand add_kernels_list(CLI::App& app) {
  return subcommand<KernelsListOptions>(
      kernels_app(app).add_subcommand("list", "kernels that are here, by the names of --kernel"));
}

Subcommand add_kernels_prepare(CLI::App& app) {
  return subcommand<KernelsPrepareOptions>(
      kernels_app(app).add_subcommand("prepare", "fetches and builds what a run of these kernels needs"));
}

Subcommand add_kernels_export(CLI::App& app) {
  return subcommand<KernelsExportOptions>(
      kernels_app(app).add_subcommand("export", "writes kernels' packages into one file"));
}

Subcommand add_kernels_import(CLI::App& app) {
  return subcommand<KernelsImportOptions>(
      kernels_app(app).add_subcommand("import", "takes what kernels export wrote"));
}

Subcommand add_sysroot(CLI::App& app) {
  return subcommand<SysrootOptions>(
      app.add_subcommand("sysroot", "packages that the agent is built with for another architecture"));
}

}  // namespace probebench::cli
