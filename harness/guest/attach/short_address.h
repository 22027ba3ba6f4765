// SPDX-License-Identifier: MIT
// Addresses in code that the kernel makes. arm64 loads one sixteen bits at a time and leaves out what is zero
// (emit_a64_mov_i64() in arch/arm64/net/bpf_jit_comp.c), so a hit would cost an instruction less wherever
// memory of the kernel's happened to begin at a multiple of 64 KiB. Such code is made again.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "kernel/passing_symbols.h"
#include "model/sample.h"

namespace probebench::attach {

// Most of the memory that it is given lies elsewhere, so a second try does in nearly all cases.
inline constexpr std::size_t kMostTries = 8;

// Whether arm64's `text` loads an address of the kernel's in fewer instructions than others take.
bool loads_short_address(const Bytes& text);

// The same of a loaded BPF program. False: no, or nobody knows, or the architecture has none.
bool program_has_short_address(int fd);

// Hears of the trampolines that come while it lives.
class TrampolineWatch {
 public:
  static Result<TrampolineWatch> begin();
  // The same of the last one of these.
  bool has_short_address();

 private:
  explicit TrampolineWatch(kernel::SymbolRecords records) : records_(std::move(records)) {}
  kernel::SymbolRecords records_;
};

}  // namespace probebench::attach
