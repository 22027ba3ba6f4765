// SPDX-License-Identifier: MIT
#include "modules/module_build.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <thread>

#include "base/digest.h"
#include "base/process.h"
#include "base/safe_path.h"
#include "base/text.h"
#include "kernels/build_tools.h"
#include "kernels/cache.h"
#include "kernels/elf_file.h"
#include "kernels/kernel_headers.h"
#include "modules/header_content.h"
#include "modules/module_fit.h"
#include "modules/toolchain.h"

namespace probebench::modules {
namespace {

using kernels::CacheLock;
using kernels::elf_section;
using kernels::filesystem_error;
using kernels::headers_makefile;
using kernels::kToolDeadline;
using kernels::make_directories;
using kernels::make_part;
using kernels::read_cached;
using kernels::ScratchDirectory;

constexpr std::chrono::seconds kBuildDeadline{1200};  // minutes in an emulated machine on a busy host
constexpr const char* kModulesPart = "modules";       // of the cache
constexpr const char* kOurModule = "probebench";

struct Build {
  std::string name = kOurModule;  // of the module
  std::string kbuild;             // in place of a Kbuild among the sources; empty: there is one
  std::string compiler;           // program
  std::string prefix;             // of the other tools' names
  std::string compiler_version;   // first line of its --version
  fs::path makefile;
  ModuleFit fit;
  std::vector<fs::path> sources;  // relative to the module's directory, sorted
  std::string key;

  std::string module() const { return name + ".ko"; }
  std::string digest() const { return module() + ".sha256"; }
};

bool is_source(const fs::path& path) {
  static const std::set<std::string> kExtensions{".c", ".h", ".S"};
  const auto name = path.filename().string();
  // foo.mod.c is what an earlier build in place left behind.
  return name == "Kbuild" || name == "Makefile" ||
         (kExtensions.contains(path.extension().string()) && !name.ends_with(".mod.c"));
}

Result<std::vector<fs::path>> find_sources(const fs::path& kmod_dir) {
  std::vector<fs::path> sources;
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(kmod_dir, failure)) {
    if (entry.is_regular_file() && is_source(entry.path())) {
      sources.push_back(entry.path().lexically_relative(kmod_dir));
    }
  }
  if (failure) return filesystem_error("read module sources " + kmod_dir.string(), failure);
  if (sources.empty()) return Error{Fault::infra, "find module sources in " + kmod_dir.string(), ENOENT, {}};
  std::ranges::sort(sources);
  return sources;
}

Result<std::string> version_of(const std::string& compiler) {
  const auto done = run_command({{compiler, "--version"}}, kToolDeadline);
  if (done && done->exit_code == 0) return std::string(first_line(done->output));
  if (!done && done.error().fault == Fault::interrupted) return done.error();
  return Error{Fault::infra, "build the kernel module: no working C compiler (" + compiler + ")", 0,
               "apt-get install gcc make"};
}

// Of what the module is built in: packages lie in the cache and are verified on use, a tree is edited.
Result<std::string> digest_of_kernel(const Kernel& kernel, const Build& build, const fs::path& modules) {
  if (!kernel.package_version.empty() && !kernel.digest.empty()) return kernel.digest;
  const auto now = std::chrono::system_clock::now();
  const auto headers = TRY(digest_of_headers(kernel.headers, build.makefile, modules, now));
  return kernel.digest + "\n" + headers;
}

Result<std::string> key_of(const Kernel& kernel, const fs::path& kmod_dir, const Build& build,
                           const fs::path& modules) {
  std::string text = kernel.release + "\n" + kernel.package_version + "\n" + build.compiler_version + "\n";
  text += build.kbuild;
  for (const auto& variable : build.fit.variables) text += variable.substr(0, variable.find('/')) + "\n";
  if (!build.fit.btf_command.empty()) {
    text += "BTF of the image, written by " + build.prefix + "objcopy\n";
    if (!kernel.btf.empty()) text += TRY(sha256_file(kernel.btf)) + "\n";
  }
  const auto content = TRY(digest_of_kernel(kernel, build, modules));
  text += content + "\n";
  for (const auto& source : build.sources) {
    const auto digest = TRY(sha256_file(kmod_dir / source));
    text += source.string() + " " + digest + "\n";
  }
  return sha256_text(text).substr(0, 24);
}

// `build` says which module it is, and of which sources.
Result<Build> plan_build(const Kernel& kernel, const fs::path& directory, Build build,
                         const fs::path& modules) {
  const auto toolchain = TRY(toolchain_for(kernel.headers, kernel.arch));
  build.compiler = toolchain.compiler;
  build.prefix = toolchain.prefix;
  build.compiler_version = TRY(version_of(build.compiler));
  build.makefile = TRY(headers_makefile(kernel.headers));
  build.fit = TRY(fit_module(kernel, build.compiler));
  build.fit.variables.insert(build.fit.variables.end(), toolchain.variables.begin(),
                             toolchain.variables.end());
  build.key = TRY(key_of(kernel, directory, build, modules));
  return build;
}

Command make_command(const Kernel& kernel, const Build& build, const fs::path& directory) {
  // The maps keep the cache's path out of the module: equal sources give equal modules everywhere.
  const fs::path packages = build.makefile.parent_path().parent_path();
  std::vector<std::string> argv{"make",
                                "-C",
                                kernel.headers.string(),
                                "-f",
                                build.makefile.string(),
                                "M=" + directory.string(),
                                "CC=" + build.compiler,
                                fmt::format("KCFLAGS=-ffile-prefix-map={}=kmod -ffile-prefix-map={}=headers",
                                            directory.string(), packages.string()),
                                fmt::format("-j{}", std::max(1u, std::thread::hardware_concurrency()))};
  argv.insert(argv.end(), build.fit.variables.begin(), build.fit.variables.end());
  argv.push_back("modules");
  // A common Makefile that was taken from elsewhere has to be told where the kernel was built: from
  // Linux 6.13 on the current directory is not asked.
  const bool elsewhere = build.makefile.parent_path() != kernel.headers;
  return {
      argv, {}, {"LC_ALL=C", "MAKEFLAGS=", "KBUILD_OUTPUT=" + (elsewhere ? kernel.headers.string() : "")}};
}

Status copy_sources(const fs::path& from, const std::vector<fs::path>& sources, const fs::path& to) {
  for (const auto& source : sources) {
    TRY(make_directories((to / source).parent_path()));
    std::error_code failure;
    fs::copy_file(from / source, to / source, failure);
    if (failure) return filesystem_error("copy " + source.string() + " to " + to.string(), failure);
  }
  return Done{};
}

Status compile(const Kernel& kernel, const Build& build, const fs::path& directory, const fs::path& log) {
  const auto done = TRY(run_command(make_command(kernel, build, directory), kBuildDeadline));
  TRY(write_file_atomic(log, done.output));
  if (done.exit_code == 0 && fs::exists(directory / build.module())) return Done{};
  return Error{Fault::infra,
               fmt::format("build the kernel module for {}: {}", kernel.release,
                           first_build_error(done.output, directory)),
               0, "the full log is " + log.string()};
}

// What comes of it is read from the module: one without BTF is measured, too. pahole leaves the writing to
// llvm-objcopy, which few machines have, unless it is told of another, as the kernel's makefiles do.
Status add_btf(const Build& build, const fs::path& module, const fs::path& log) {
  if (build.fit.btf_command.empty()) return Done{};
  std::vector<std::string> argv{"env", "LLVM_OBJCOPY=" + build.prefix + "objcopy"};
  argv.insert(argv.end(), build.fit.btf_command.begin(), build.fit.btf_command.end());
  argv.push_back(module.string());
  const auto done = TRY(run_command({argv}, kToolDeadline));
  if (done.exit_code == 0) return Done{};
  const auto compiled = TRY(read_file(log));
  return write_file_atomic(log, compiled + "pahole:\n" + done.output);
}

// Debug information would only make the guest's memory smaller; symbols stay.
Status strip_module(const fs::path& module, const std::string& prefix) {
  const auto done = TRY(run_command({{prefix + "strip", "--strip-debug", module.string()}}, kToolDeadline));
  if (done.exit_code == 0) return Done{};
  return Error{Fault::infra, fmt::format("strip {}: {}", module.string(), first_line(done.output)), 0, {}};
}

Status make_in(const fs::path& work, const Kernel& kernel, const Build& build, const fs::path& kmod_dir,
               const fs::path& log) {
  TRY(copy_sources(kmod_dir, build.sources, work));
  if (!build.kbuild.empty()) TRY(write_file_atomic(work / "Kbuild", build.kbuild));
  TRY(compile(kernel, build, work, log));
  return add_btf(build, work / build.module(), log);
}

Status build_into(const CacheLock& lock, const Kernel& kernel, const Build& build, const fs::path& kmod_dir) {
  auto scratch = TRY(ScratchDirectory::make(lock, kModulesPart));
  const fs::path work = scratch.path() / "build";
  TRY(make_in(work, kernel, build, kmod_dir, lock.cache() / kModulesPart / (build.key + ".log")));
  const auto module = build.module();
  TRY(strip_module(work / module, build.prefix));
  std::error_code failure;
  fs::rename(work / module, scratch.path() / module, failure);
  if (failure) return filesystem_error("keep " + (work / module).string(), failure);
  TRY(remove_below(scratch.path(), work.filename()));
  const auto digest = TRY(sha256_file(scratch.path() / module));
  TRY(write_file_atomic(scratch.path() / build.digest(), digest));
  return scratch.publish(lock, build.key);
}

Status check_path(const fs::path& path, const char* hint) {
  if (path.string().find_first_of(" \t:") == std::string::npos) return Done{};
  return Error{Fault::infra, "build in " + path.string() + ": make cannot use a path with a space or a colon",
               0, hint};
}

// The module itself tells: a kernel's makefiles may leave BTF out for reasons of their own.
std::string btf_of(std::string_view module, const Build& build) {
  if (elf_section(module, ".BTF")) return "yes";
  if (!build.fit.no_btf.empty()) return "no: " + build.fit.no_btf;
  return build.fit.btf_command.empty() ? "no: the kernel's makefiles made none" : "no: pahole made none";
}

// Read as a whole each time: it is loaded into a kernel. The digest of when it was built lies beside it.
Result<BuiltModule> cached_module(const fs::path& modules, const Kernel& kernel, const Build& build) {
  const auto damaged = [](const std::string& problem) {
    return Error{Fault::infra, "cached module is damaged: " + problem, 0, {}};
  };
  const auto recorded = read_cached(modules, fs::path(build.key) / build.digest());
  if (!recorded) return damaged(recorded.error().message());
  const auto content = read_cached(modules, fs::path(build.key) / build.module());
  if (!content) return damaged(content.error().message());
  const auto digest = sha256_text(*content);
  const fs::path path = modules / build.key / build.module();
  if (digest != *recorded) return damaged(path.string() + " was changed");
  if (!is_module_for(*content, kernel.release))
    return damaged(path.string() + " is not for " + kernel.release);
  return BuiltModule{path, digest, build.compiler_version, btf_of(*content, build)};
}

// Takes it from the cache, or builds it into the cache.
Result<BuiltModule> provide_module(const Kernel& kernel, const fs::path& directory, Build wanted,
                                   const fs::path& cache, Progress& progress) {
  if (kernel.headers.empty()) {
    return Error{Fault::infra, fmt::format("build a module for {}: {}", kernel.release, kernel.note), 0, {}};
  }
  TRY(check_path(cache, "set XDG_CACHE_HOME to another directory"));
  TRY(check_path(kernel.headers, "give --headers a path without one"));
  TRY(kernels::open_cache(cache));
  TRY(make_part(cache, kModulesPart));
  const fs::path modules = cache / kModulesPart;
  const auto build = TRY(plan_build(kernel, directory, std::move(wanted), modules));
  const auto lock = TRY(CacheLock::acquire(cache, progress));
  std::error_code unknown;
  if (fs::exists(fs::symlink_status(modules / build.key, unknown))) {
    auto module = cached_module(modules, kernel, build);
    if (module) return module;
    progress.step(module.error().message() + "; building it again");
  }
  progress.step("building the kernel module for " + kernel.release);
  TRY(build_into(lock, kernel, build, directory));
  return cached_module(modules, kernel, build);
}

}  // namespace

std::string first_build_error(std::string_view log, const fs::path& build_directory) {
  std::istringstream stream{std::string(log)};
  std::string found;
  for (std::string line; std::getline(stream, line);) {
    if (line.find("error:") == std::string::npos && line.find("ERROR:") == std::string::npos &&
        line.find("***") == std::string::npos) {
      if (found.empty() || !line.starts_with("make")) found = line;
      continue;
    }
    found = line;
    break;
  }
  const std::string prefix = build_directory.string() + "/";
  for (auto at = found.find(prefix); at != std::string::npos; at = found.find(prefix)) {
    found.erase(at, prefix.size());
  }
  return found.empty() ? "make printed nothing" : found;
}

// modinfo's vermagic begins with the release: the kernel itself would refuse another one, minutes later.
bool is_module_for(std::string_view module, const std::string& release) {
  constexpr std::string_view kMagic = "vermagic=";
  const auto information = elf_section(module, ".modinfo");
  if (!information) return true;
  const auto at = information->find(kMagic);
  return at == std::string_view::npos || information->substr(at + kMagic.size()).starts_with(release + " ");
}

Result<BuiltModule> build_module(const Kernel& kernel, const fs::path& kmod_dir, const fs::path& cache,
                                 Progress& progress) {
  Build build;
  build.sources = TRY(find_sources(kmod_dir));
  return provide_module(kernel, kmod_dir, std::move(build), cache, progress);
}

Result<BuiltModule> build_users_module(const Kernel& kernel, const fs::path& source, const fs::path& cache,
                                       Progress& progress) {
  Build build;
  build.name = source.stem().string();
  build.kbuild = fmt::format("obj-m := {}.o\n", build.name);
  build.sources = {source.filename()};
  return provide_module(kernel, source.parent_path(), std::move(build), cache, progress);
}

}  // namespace probebench::modules
