// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "model/sample.h"

namespace probebench::kernel {

inline constexpr std::size_t kMaxTextBytes = 1024;  // TEXT_BYTES in bpf/text.bpf.c

// Up to kMaxTextBytes of the kernel's text, by a BPF program that is attached to nothing.
Result<Bytes> read_kernel_text_by_bpf(std::uint64_t address, std::size_t length);

// Where the kernel has a symbol of its own.
Result<std::uint64_t> kernel_symbol_address(const std::string& symbol);

}  // namespace probebench::kernel
