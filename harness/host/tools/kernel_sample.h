// SPDX-License-Identifier: MIT
// Modules of the kernel's own samples/, where this machine has its source.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "kernels/progress.h"

namespace probebench::tools {

struct KernelSample {
  std::filesystem::path file;
  std::string source;  // "linux-source-6.12"
};

// One of samples/ by its path there: "kprobes/kprobe_example.c". Of several sources in `sources`, directories
// or archives as Debian's packages have them, the newest is taken; an archive is unpacked into the cache.
// Unsupported where there is none.
Result<KernelSample> kernel_sample(const std::string& name, const std::filesystem::path& cache,
                                   kernels::Progress& progress,
                                   const std::filesystem::path& sources = "/usr/src");

}  // namespace probebench::tools
