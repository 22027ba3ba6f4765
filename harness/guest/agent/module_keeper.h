// SPDX-License-Identifier: MIT
// The helper module in the running kernel, for as long as this process lives and no longer.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::agent {

// A process beside this one loads the module and waits until nobody holds our end of a pipe any more: we let
// go of it, or were killed. Then it takes the module out. It is no child that a terminal's or our parent's
// signals reach.
class ModuleKeeper {
 public:
  // An error of module_refusal(): then nothing was loaded.
  static Result<ModuleKeeper> load(const std::filesystem::path& module);

 private:
  explicit ModuleKeeper(UniqueFd life) : life_(std::move(life)) {}

  UniqueFd life_;
};

// Takes the module out, waiting for whoever still uses it. Done where none is loaded.
Status unload_module();

}  // namespace probebench::agent
