// SPDX-License-Identifier: MIT
// BPF by the agent itself: what was refused, and text that a program reads.
#pragma once

#include <bpf/btf.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "model/sample.h"

struct text;

namespace probebench::kernel {

// What the kernel or libbpf refused, as an Error.

// What libbpf warns of becomes the hint of the next error instead of a line on the agent's stderr.
void keep_bpf_warnings();

// A warning of libbpf's as a reason: without its name, and nothing where it only guesses at what errno says.
std::string reason_in_warning(std::string_view warning, int err);

// A kernel that does not have or does not allow something makes the row skipped; all else is a failure.
// `err` is an errno, of either sign.
Error bpf_error(std::string what, int err);

struct FreeTypes {
  void operator()(btf* types) const { btf__free(types); }
};
// BTF of the kernel, of a module or of a program.
using OwnedTypes = std::unique_ptr<btf, FreeTypes>;

inline constexpr std::size_t kMaxTextBytes = 1024;  // TEXT_BYTES in bpf/text.bpf.c

// Reads the kernel's text by a BPF program that is attached to nothing. Loading it takes as long as a hundred
// looks.
class BpfTextReader {
 public:
  static Result<BpfTextReader> load();
  // Up to kMaxTextBytes.
  Result<Bytes> read(std::uint64_t address, std::size_t length) const;

 private:
  struct Deleter {
    void operator()(::text* skeleton) const;
  };
  std::unique_ptr<::text, Deleter> skeleton_;
};

// One that is loaded once, when it is first asked for; null: it cannot be.
const BpfTextReader* kept_text_reader();

// One look.
Result<Bytes> read_kernel_text_by_bpf(std::uint64_t address, std::size_t length);

// Where the kernel has a symbol of its own.
Result<std::uint64_t> kernel_symbol_address(const std::string& symbol);

}  // namespace probebench::kernel
