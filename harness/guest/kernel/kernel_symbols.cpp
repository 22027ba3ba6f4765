// SPDX-License-Identifier: MIT
#include "kernel/kernel_symbols.h"

#include "base/file.h"
#include "base/lines.h"
#include "kernel/kallsyms.h"

namespace probebench::kernel {
namespace {

// Owners of symbols that come and go: [bpf], and [__builtin__kprobes] and [__builtin__ftrace] of Linux 5.8.
bool is_passing(std::string_view line) {
  return line.ends_with("[bpf]") || line.find("[__builtin__") != line.npos;
}

// The padding before a function (Linux 6.2) has a name of its own and is never executed.
bool is_padding(std::string_view name) {
  return name.starts_with("__pfx_");
}

}  // namespace

std::string text_symbols(std::string_view listing, SymbolSet set) {
  std::string text;
  while (!listing.empty()) {
    const auto line = take_line(listing);
    const KernelSymbol symbol(line);
    if (!symbol.is_text() || is_padding(symbol.name())) continue;
    if (set == SymbolSet::passing && !is_passing(line)) continue;
    text.append(symbol.address_text()).append(1, ' ').append(symbol.named()).push_back('\n');
  }
  return text;
}

Result<std::string> read_text_symbols(SymbolSet set) {
  const auto listing = read_file(kKallsyms);
  if (!listing) return listing.error();
  return text_symbols(*listing, set);
}

}  // namespace probebench::kernel
