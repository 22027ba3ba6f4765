// SPDX-License-Identifier: MIT
#include "kernels/build_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <vector>

#include "base/process.h"
#include "kernels/cache.h"
#include "kernels/elf_file.h"

namespace probebench::kernels {
namespace {

constexpr const char* kPahole = "usr/bin/pahole";
constexpr std::string_view kUnwrapped = ".elf";

// usr/lib/linux-kbuild-<version> of every unpacked kernel.
std::vector<fs::path> kbuild_directories(const fs::path& root) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(root / "usr/lib", failure)) {
    const bool kbuild = entry.path().filename().string().starts_with("linux-kbuild-");
    if (kbuild && entry.is_directory()) found.push_back(entry.path());
  }
  return found;
}

bool is_program(const fs::directory_entry& entry) {
  if (entry.is_symlink() || !entry.is_regular_file()) return false;
  if ((entry.status().permissions() & fs::perms::owner_exec) == fs::perms::none) return false;
  return is_elf_file(entry.path()) && !entry.path().filename().string().ends_with(kUnwrapped);
}

std::vector<fs::path> programs_below(const fs::path& directory) {
  std::vector<fs::path> programs;
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(directory, failure)) {
    if (is_program(entry)) programs.push_back(entry.path());
  }
  return programs;
}

std::vector<fs::path> kbuild_programs(const fs::path& root) {
  std::vector<fs::path> programs;
  for (const auto& directory : kbuild_directories(root)) {
    std::ranges::move(programs_below(directory), std::back_inserter(programs));
  }
  return programs;
}

// From the directory of a program up to the root: the kernel follows links before "..", so this also holds
// when the program is reached through a link.
fs::path way_up(const fs::path& program, const fs::path& root) {
  fs::path up;
  for (const auto& part : program.parent_path().lexically_relative(root)) {
    if (!part.empty()) up /= "..";
  }
  return up;
}

std::string script_for(const fs::path& program, const fs::path& root, const fs::path& loader) {
  return fmt::format(
      "#!/bin/sh\n"
      "here=${{0%/*}}\n"
      "root=$here/{up}\n"
      "exec \"$root/{loader}\" --library-path \"$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu\" "
      "--argv0 \"$0\" \"$here/{name}{suffix}\" \"$@\"\n",
      fmt::arg("up", way_up(program, root).string()), fmt::arg("loader", loader.string()),
      fmt::arg("name", program.filename().string()), fmt::arg("suffix", kUnwrapped));
}

Status wrap(const fs::path& program, const fs::path& root, const fs::path& loader) {
  std::error_code failure;
  fs::rename(program, program.string() + std::string(kUnwrapped), failure);
  if (failure) return filesystem_error("rename " + program.string(), failure);
  TRY(write_file_atomic(program, script_for(program, root, loader)));
  fs::permissions(program,
                  fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                      fs::perms::others_read | fs::perms::others_exec,
                  failure);
  if (failure) return filesystem_error("make executable " + program.string(), failure);
  return Done{};
}

}  // namespace

Result<fs::path> loader_of(const fs::path& root) {
  std::error_code failure;
  for (const char* name : {"usr/lib64/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2",
                           "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"}) {
    if (fs::exists(root / name, failure)) return fs::path(name);
  }
  return Error{Fault::infra,
               "find the dynamic loader below " + root.string() + ": no C library was unpacked there",
               0,
               {}};
}

Result<bool> tools_run_here(const fs::path& root) {
  std::vector<std::string> argv{"ldd"};
  for (const auto& program : kbuild_programs(root)) argv.push_back(program.string());
  if (argv.size() == 1) return true;
  const auto done = TRY(run_command({argv, {}, {"LC_ALL=C"}}, kToolDeadline));
  // "./objtool: /lib/.../libc.so.6: version `GLIBC_2.38' not found": any other library could be installed.
  static const std::regex kTooOld("version .GLIBC_[0-9.]+. not found");
  return !std::regex_search(done.output, kTooOld);
}

Status wrap_tools(const fs::path& root) {
  const auto loader = TRY(loader_of(root));
  auto programs = kbuild_programs(root);
  const fs::path pahole = root / kPahole;
  std::error_code failure;
  if (fs::exists(pahole, failure)) programs.push_back(pahole);
  for (const auto& program : programs) {
    TRY(wrap(program, root, loader));
  }
  return Done{};
}

fs::path pahole_of(const fs::path& root) {
  std::error_code failure;
  const fs::path pahole = root / kPahole;
  return fs::exists(pahole, failure) ? pahole : fs::path();
}

}  // namespace probebench::kernels
