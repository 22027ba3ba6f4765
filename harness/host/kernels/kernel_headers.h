// SPDX-License-Identifier: MIT
// A directory to build modules against: Debian's linux-headers package, installed or only unpacked.
#pragma once

#include <string>

#include "base/file.h"

namespace probebench::kernels {

// The directory has what a module build needs and belongs to `release`.
Status check_headers(const fs::path& headers, const std::string& release);

// Its configuration: .config, which packages of `make bindeb-pkg` lack, else what the kernel's build made of
// it.
fs::path headers_config(const fs::path& headers);

// The Makefile that `make -C headers -f` needs. Debian's own is one line that includes the common part by
// its installed path (from Linux 7 on after a line that sets KBUILD_OUTPUT to the installed path of
// `headers`); when only unpacked, the common part lies beside it.
Result<fs::path> headers_makefile(const fs::path& headers);

// The compiler Debian built the kernel with when it is installed, else the default one.
std::string headers_compiler(const fs::path& headers);

// How a kernel of that .config text preempts itself: "PREEMPT_NONE", "PREEMPT_VOLUNTARY", "PREEMPT_DYNAMIC";
// empty: it does not say.
std::string preemption_of(std::string_view config);

// Of the options that are known to change what a hit executes those that it has, in a fixed order:
// "PREEMPTION MITIGATION_RETHUNK".
std::string cost_options_of(std::string_view config);

// Whether a kernel's .config text has NAME=y.
bool config_has(std::string_view config, std::string_view name);

}  // namespace probebench::kernels
