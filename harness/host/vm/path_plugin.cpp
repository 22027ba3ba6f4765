// SPDX-License-Identifier: MIT
#include "vm/path_plugin.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "base/lines.h"
#include "base/process.h"
#include "vm/qemu.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kAnswerDeadline{30};
constexpr std::array kVersions{3, 2, 1};  // of the plugin interface that a build is made for

// Without its out= the plugin says that it was taken, and refuses to go on; QEMU ends.
Result<Finished> ask_qemu(const fs::path& plugin) {
  return run_command({{kQemu, "-nodefaults", "-no-user-config", "-display", "none", "-machine",
                       "none,accel=tcg", "-plugin", escape_for_qemu(plugin.string())}},
                     kAnswerDeadline);
}

}  // namespace

PluginAnswer plugin_answer(std::string_view output) {
  if (output.find("probebench path plugin: built for") != output.npos) return PluginAnswer::taken;
  return output.find("API version") != output.npos ? PluginAnswer::other_version : PluginAnswer::none;
}

Result<fs::path> find_path_plugin(const fs::path& directory) {
  std::string said;
  for (const auto version : kVersions) {
    const auto plugin = directory / fmt::format("path-plugin-{}.so", version);
    const auto answer = ask_qemu(plugin);
    if (!answer) return answer.error();
    if (plugin_answer(answer->output) == PluginAnswer::taken) return plugin;
    said = first_line(answer->output);
    if (plugin_answer(answer->output) == PluginAnswer::none) break;
  }
  return Error{Fault::infra, "load the path plugin into QEMU: " + said, 0,
               "anatomy needs a QEMU with TCG plugins, as Debian's is"};
}

}  // namespace probebench::vm
