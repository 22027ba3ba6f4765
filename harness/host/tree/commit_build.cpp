// SPDX-License-Identifier: MIT
#include "tree/commit_build.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "tree/kernel_options.h"

namespace probebench::tree {
namespace {

constexpr std::chrono::hours kBuildDeadline{4};
constexpr const char* kFragment = "probe.config";

// What each build of a kernel compiles first says how this directory was compiled. With another command
// everything would be compiled once more, so a launcher (CC="ccache gcc") stays.
constexpr const char* kLauncher =
    "launcher=$(sed -n '1s/^[^ ]* := \\([^ ]*cache\\) gcc .*/\\1/p' \"$KBUILD_OUTPUT/kernel/.bounds.s.cmd\" "
    "2>/dev/null); ";

// An O= directory that has a configuration keeps it. So one that is half made has another name.
std::string own_command() {
  return kLauncher + fmt::format(
                         "kernel_make() {{ make ${{launcher:+\"CC=$launcher gcc\"}} \"$@\"; }}; "
                         "made=\"$KBUILD_OUTPUT/.config.made\"; test -f \"$KBUILD_OUTPUT/.config\" || {{ "
                         "kernel_make KCONFIG_CONFIG=\"$made\" tinyconfig && KCONFIG_CONFIG=\"$made\" "
                         "scripts/kconfig/merge_config.sh -m \"$made\" \"$KBUILD_OUTPUT/{}\" && "
                         "mv \"$made\" \"$KBUILD_OUTPUT/.config\"; }} && "
                         "kernel_make olddefconfig && kernel_make -j{} bzImage modules",
                         kFragment, std::max(1U, std::thread::hardware_concurrency()));
}

// Where the fragment is another one than last time, what was made of it is, too. A .config that somebody else
// put there stays.
Status configure(const BuildSettings& settings) {
  const auto wanted = settings.fragment.empty() ? kernel_config_fragment() : settings.fragment;
  const auto earlier = read_file(settings.output / kFragment);
  std::error_code none;
  if (earlier && *earlier != wanted) fs::remove(settings.output / ".config", none);
  return write_file_atomic(settings.output / kFragment, wanted);
}

// What make says last is only that something failed.
std::string_view what_failed(std::string_view output) {
  for (const auto line : split(output, '\n')) {
    if (line.find("error: ") != line.npos || line.starts_with("ERROR: ")) return line;
  }
  return last_line(output);
}

}  // namespace

Result<std::string> build_commit(const BuildSettings& settings) {
  std::error_code failure;
  fs::create_directories(settings.output, failure);
  if (failure) return Error{Fault::infra, "create " + settings.output.string(), failure.value(), {}};
  TRY(configure(settings));
  const auto command = settings.command.empty() ? own_command() : settings.command;
  const auto done = TRY(run_command({.argv = {"/bin/sh", "-c", command},
                                     .directory = settings.source,
                                     .environment = {"KBUILD_OUTPUT=" + settings.output.string()}},
                                    std::chrono::seconds(kBuildDeadline)));
  TRY(write_file_atomic(settings.log, done.output));
  if (done.exit_code == 0) return std::string();
  return fmt::format("the build ends with {}: {}", done.exit_code, what_failed(done.output));
}

}  // namespace probebench::tree
