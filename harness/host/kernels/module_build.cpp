// SPDX-License-Identifier: MIT
#include "kernels/module_build.h"

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
#include "kernels/module_fit.h"

namespace probebench::kernels {
namespace {

constexpr std::chrono::seconds kBuildDeadline{300};
constexpr const char* kModulesPart = "modules";  // of the cache
constexpr const char* kModule = "probebench.ko";
constexpr const char* kDigest = "probebench.ko.sha256";

struct Build {
  std::string compiler;          // program
  std::string compiler_version;  // first line of its --version
  fs::path makefile;
  ModuleFit fit;
  std::vector<fs::path> sources;  // relative to the module's directory, sorted
  std::string key;
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
  return Error{Fault::infra, "build the kernel module: no working C compiler (" + compiler + ")", 0,
               "apt-get install gcc make"};
}

// The exported symbols' checksums decide what loads, so they are part of the key.
Result<std::string> key_of(const Kernel& kernel, const fs::path& kmod_dir, const Build& build) {
  std::string text = kernel.release + "\n" + kernel.package_version + "\n" + build.compiler_version + "\n";
  for (const auto& variable : build.fit.variables) text += variable.substr(0, variable.find('/')) + "\n";
  const auto symbols = sha256_file(kernel.headers / "Module.symvers");
  if (!symbols) return symbols.error();
  text += *symbols + "\n";
  for (const auto& source : build.sources) {
    const auto digest = sha256_file(kmod_dir / source);
    if (!digest) return digest.error();
    text += source.string() + " " + *digest + "\n";
  }
  return sha256_text(text).substr(0, 24);
}

Result<Build> plan_build(const Kernel& kernel, const fs::path& kmod_dir) {
  Build build;
  build.compiler = headers_compiler(kernel.headers);
  auto version = version_of(build.compiler);
  if (!version) return version.error();
  build.compiler_version = *version;
  auto makefile = headers_makefile(kernel.headers);
  if (!makefile) return makefile.error();
  build.makefile = *makefile;
  auto fit = fit_module(kernel.headers, build.compiler);
  if (!fit) return fit.error();
  build.fit = std::move(*fit);
  auto sources = find_sources(kmod_dir);
  if (!sources) return sources.error();
  build.sources = std::move(*sources);
  auto key = key_of(kernel, kmod_dir, build);
  if (!key) return key.error();
  build.key = *key;
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
    if (auto made = make_directories((to / source).parent_path()); !made) return made;
    std::error_code failure;
    fs::copy_file(from / source, to / source, failure);
    if (failure) return filesystem_error("copy " + source.string() + " to " + to.string(), failure);
  }
  return Done{};
}

Status compile(const Kernel& kernel, const Build& build, const fs::path& directory, const fs::path& log) {
  const auto done = run_command(make_command(kernel, build, directory), kBuildDeadline);
  if (!done) return done.error();
  if (auto put = write_file_atomic(log, done->output); !put) return put;
  if (done->exit_code == 0 && fs::exists(directory / kModule)) return Done{};
  return Error{Fault::infra,
               fmt::format("build the kernel module for {}: {}", kernel.release,
                           first_build_error(done->output, directory)),
               0, "the full log is " + log.string()};
}

// Debug information would only make the guest's memory smaller; symbols stay.
Status strip_module(const fs::path& module) {
  const auto done = run_command({{"strip", "--strip-debug", module.string()}}, kToolDeadline);
  if (!done) return done.error();
  if (done->exit_code == 0) return Done{};
  return Error{Fault::infra, fmt::format("strip {}: {}", module.string(), first_line(done->output)), 0, {}};
}

Status build_into(const fs::path& cache, const Kernel& kernel, const Build& build, const fs::path& kmod_dir) {
  auto scratch = ScratchDirectory::make(cache, kModulesPart);
  if (!scratch) return scratch.error();
  const fs::path work = scratch->path() / "build";
  if (auto done = copy_sources(kmod_dir, build.sources, work); !done) return done;
  const fs::path log = cache / kModulesPart / (build.key + ".log");
  if (auto done = compile(kernel, build, work, log); !done) return done;
  if (auto done = strip_module(work / kModule); !done) return done;
  std::error_code failure;
  fs::rename(work / kModule, scratch->path() / kModule, failure);
  if (failure) return filesystem_error("keep " + (work / kModule).string(), failure);
  if (auto removed = remove_below(scratch->path(), work.filename()); !removed) return removed;
  const auto digest = sha256_file(scratch->path() / kModule);
  if (!digest) return digest.error();
  if (auto done = write_file_atomic(scratch->path() / kDigest, *digest); !done) return done;
  return scratch->publish(build.key);
}

Status check_path(const fs::path& path) {
  if (path.string().find_first_of(" \t:") == std::string::npos) return Done{};
  return Error{Fault::infra, "build in " + path.string() + ": make cannot use a path with a space or a colon",
               0, "set XDG_CACHE_HOME to another directory"};
}

// The module itself tells: a kernel's makefiles may leave BTF out for reasons of their own.
std::string btf_of(std::string_view module, const Build& build) {
  if (elf_section(module, ".BTF")) return "yes";
  return "no: " + (build.fit.no_btf.empty() ? "the kernel's makefiles made none" : build.fit.no_btf);
}

Result<BuiltModule> cached_module(const fs::path& directory, const Build& build) {
  const auto recorded = read_file(directory / kDigest);
  if (!recorded) return recorded.error();
  const auto digest = sha256_file(directory / kModule);
  if (!digest) return digest.error();
  if (*digest != *recorded) return Error{Fault::infra, "the cached module is damaged", 0, {}};
  const auto content = read_file(directory / kModule);
  if (!content) return content.error();
  return BuiltModule{directory / kModule, *digest, build.compiler_version, btf_of(*content, build)};
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

Result<BuiltModule> build_module(const Kernel& kernel, const fs::path& kmod_dir, const fs::path& cache,
                                 Progress& progress) {
  for (const auto& path : {cache, kernel.headers}) {
    if (auto good = check_path(path); !good) return good.error();
  }
  const auto build = plan_build(kernel, kmod_dir);
  if (!build) return build.error();
  const auto lock = CacheLock::acquire(cache, progress);
  if (!lock) return lock.error();
  const fs::path directory = cache / kModulesPart / build->key;
  if (auto module = cached_module(directory, *build)) return module;
  progress.step("building the kernel module for " + kernel.release);
  if (auto done = build_into(cache, kernel, *build, kmod_dir); !done) return done.error();
  return cached_module(directory, *build);
}

}  // namespace probebench::kernels
