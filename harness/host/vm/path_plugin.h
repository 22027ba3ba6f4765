// SPDX-License-Identifier: MIT
// The plugin that records instruction paths (harness/anatomy/plugin), as this machine's QEMU takes it.
#pragma once

#include "base/file.h"

namespace probebench {

// What QEMU writes executed instructions to, and by which build of the plugin; both empty: it records none.
struct PathRecorder {
  fs::path plugin = {};
  fs::path output = {};
};

// The build of the plugin in `directory` that QEMU takes: it is asked to load each, newest interface first.
// An infra error where QEMU has no plugin support.
Result<fs::path> find_path_plugin(const fs::path& directory);

// What QEMU said to an attempt to load a build of the plugin.
enum class PluginAnswer { taken, other_version, none };
PluginAnswer plugin_answer(std::string_view output);

}  // namespace probebench
