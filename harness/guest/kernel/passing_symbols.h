// SPDX-License-Identifier: MIT
// The symbols that the kernel makes and drops while it runs: BPF programs, trampolines, pages of kprobe
// slots. Perf tells of each (PERF_RECORD_KSYMBOL: Linux 5.1; of kprobes and ftrace: 5.9), so that
// /proc/kallsyms, whose printing costs the kernel 400 million instructions, need not be read after each cell.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::kernel {

// By address: the name and, in brackets, the owner, as /proc/kallsyms has them.
using SymbolsAt = std::map<std::uint64_t, std::string>;

// Perf's records, one after another, put into effect. False: some were lost, so that nobody knows.
bool take_symbol_records(std::string_view records, SymbolsAt& symbols);

// One for each agent: it begins with what first_listing() has. Of a kernel with one CPU.
class PassingSymbols {
 public:
  static Result<PassingSymbols> watch();
  PassingSymbols(PassingSymbols&& other) noexcept;
  PassingSymbols& operator=(PassingSymbols&&) = delete;
  ~PassingSymbols();

  // As read_text_symbols(SymbolSet::passing) gives them.
  Result<std::string> text();

 private:
  PassingSymbols() = default;
  std::string take_records();

  UniqueFd event_;
  void* ring_ = MAP_FAILED;
  SymbolsAt symbols_;
  bool known_ = true;
};

}  // namespace probebench::kernel
