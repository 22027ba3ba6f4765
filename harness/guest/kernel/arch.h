// SPDX-License-Identifier: MIT
// What the target's side knows of its architecture: this header, the functions that it declares, and the
// files named *_x86.S and *_arm64.S. Another architecture would bring its own of each.
#pragma once

#if defined(__x86_64__)
#include "kernel/arch_x86.h"  // IWYU pragma: export
#elif defined(__aarch64__)
#include "kernel/arch_arm64.h"  // IWYU pragma: export
#else
#error "no architecture but x86-64 and arm64 yet"
#endif
