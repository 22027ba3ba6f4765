// SPDX-License-Identifier: MIT
// One source in several configurations: what is the same for all commits of `series` differs here, and the
// other way round.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kernels/progress.h"

namespace probebench::tree {

// One column.
struct ConfigVariant {
  std::string name;                  // also of its directory
  std::vector<std::string> options;  // beside the fragment: "PREEMPT=y", "PREEMPT_NONE=n"

  // The fragment of kernel-config with these at its end, where they win.
  std::string fragment() const;
};

// TOML: [[config]] with `name` and `options`. Errors are usage errors that name the file.
Result<std::vector<ConfigVariant>> parse_config_axis(std::string_view text,
                                                     const std::filesystem::path& origin);
Result<std::vector<ConfigVariant>> load_config_axis(const std::filesystem::path& file);

struct BuiltVariants {
  std::vector<std::filesystem::path> directories;             // of those that built, in order
  std::vector<std::pair<ConfigVariant, std::string>> failed;  // and why
};

// Each in a directory of its name below `work`, with a log beside it; one that is there is built on.
Result<BuiltVariants> build_variants(const std::vector<ConfigVariant>& variants,
                                     const std::filesystem::path& source, const std::filesystem::path& work,
                                     const std::string& command, kernels::Progress& progress);

}  // namespace probebench::tree
