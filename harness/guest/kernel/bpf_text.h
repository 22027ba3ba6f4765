// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/sample.h"

namespace probebench::kernel {

inline constexpr std::size_t kMaxTextBytes = 1024;  // TEXT_BYTES in bpf/text.bpf.c

// Up to kMaxTextBytes of the kernel's text, by a BPF program that is attached to nothing.
Result<Bytes> read_kernel_text_by_bpf(std::uint64_t address, std::size_t length);

}  // namespace probebench::kernel
