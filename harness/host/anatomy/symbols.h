// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::anatomy {

struct Symbol {
  std::uint64_t address = 0;
  std::string name;
  std::string owner;  // module, "bpf", ...; empty: the kernel itself
};

// Text that has a name of its own although no listing has it: an instruction slot, a detour buffer.
struct NamedRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string name;
};

class SymbolTable {
 public:
  // From lines as guest/kernel/kernel_symbols.h makes them.
  static Result<SymbolTable> parse(std::string_view lines);

  // A table with what `lines` and `ranges` add to this one; ranges come first.
  Result<SymbolTable> with(std::string_view lines, std::vector<NamedRange> ranges) const;

  // Name of the function that holds `address`. Of user space there is one for all of it.
  std::string name_of(std::uint64_t address) const;

  // "do_getpgid+0x12", of kernel text; empty: no symbol is near below.
  std::string place_of(std::uint64_t address) const;

  // Whether a function begins there.
  bool begins_at(std::uint64_t address) const;

  std::size_t size() const { return symbols_.size(); }

 private:
  std::vector<Symbol> symbols_;  // by address, one for each
  std::vector<NamedRange> ranges_;
};

inline constexpr std::string_view kUserSpace = "user space";
inline constexpr std::string_view kNoSymbol = "no symbol";
// Of arm64's modules: what leads from their calls to a kernel that is far away; it has no symbol.
inline constexpr std::string_view kFarCall = "(plt)";

}  // namespace probebench::anatomy
