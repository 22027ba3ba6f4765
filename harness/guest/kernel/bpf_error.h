// SPDX-License-Identifier: MIT
// What the kernel or libbpf refused, as an Error.
#pragma once

#include <string>

#include "base/result.h"

namespace probebench::kernel {

// What libbpf warns of becomes the hint of the next error instead of a line on the agent's stderr.
void keep_bpf_warnings();

// A kernel that does not have or does not allow something makes the row skipped; all else is a failure.
// `err` is an errno, of either sign.
Error bpf_error(std::string what, int err);

}  // namespace probebench::kernel
