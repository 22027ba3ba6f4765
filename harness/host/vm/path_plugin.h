// SPDX-License-Identifier: MIT
// The plugin that records instruction paths (harness/host/vm/plugin), as this machine's QEMU takes it.
#pragma once

#include <string_view>

#include "base/file.h"

namespace probebench::vm {

// The build of the plugin in `directory` that QEMU takes: it is asked to load each, newest interface first.
// An infra error where QEMU has no plugin support.
Result<fs::path> find_path_plugin(const fs::path& directory);

// What QEMU said to an attempt to load a build of the plugin.
enum class PluginAnswer { taken, other_version, none };
PluginAnswer plugin_answer(std::string_view output);

}  // namespace probebench::vm
