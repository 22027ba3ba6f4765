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
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::kernel {

// By address: the name and, in brackets, the owner, as /proc/kallsyms has them.
using SymbolsAt = std::map<std::uint64_t, std::string>;

// Perf's records, one after another, put into effect. False: some were lost, so that nobody knows.
bool take_symbol_records(std::string_view records, SymbolsAt& symbols);

// Perf's records of symbols since it was opened, of a kernel with one CPU.
class SymbolRecords {
 public:
  // `bytes`: a power of two, and whole pages.
  static Result<SymbolRecords> open(std::size_t bytes);
  SymbolRecords(SymbolRecords&& other) noexcept;
  SymbolRecords& operator=(SymbolRecords&&) = delete;
  ~SymbolRecords();

  // What has come since the last time.
  std::string take();

 private:
  SymbolRecords() = default;
  UniqueFd event_;
  void* ring_ = MAP_FAILED;
  std::size_t mapped_ = 0;
};

// One for each agent: it begins with what first_listing() has. Of a kernel with one CPU.
class PassingSymbols {
 public:
  static Result<PassingSymbols> watch();

  // As read_text_symbols(SymbolSet::passing) gives them.
  Result<std::string> text();

 private:
  PassingSymbols(SymbolRecords records, SymbolsAt symbols)
      : records_(std::move(records)), symbols_(std::move(symbols)) {}

  SymbolRecords records_;
  SymbolsAt symbols_;
  bool known_ = true;
};

}  // namespace probebench::kernel
