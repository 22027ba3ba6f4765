// SPDX-License-Identifier: MIT
// The command line of `anatomy`.
#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace probebench {

struct Options;

CLI::App* add_anatomy_command(CLI::App& app, Options& options);

// What `anatomy` was asked for, when it was parsed: its own defaults.
void take_anatomy(const CLI::App& anatomy, Options& options);

}  // namespace probebench
