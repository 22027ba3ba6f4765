// SPDX-License-Identifier: MIT
#include "anatomy/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "verify/classify.h"

namespace probebench::anatomy {
namespace {

// Names of BPF trampolines end in the numbers of what they are attached to, which differ from boot to boot;
// those of programs have a digest of 16 digits before their own: bpf_prog_bcf7977d3b93787c_nop_fentry.
constexpr std::string_view kTrampoline = "bpf_trampoline_";
constexpr std::string_view kProgram = "bpf_prog_";
constexpr std::size_t kDigestEnd = kProgram.size() + 17;

std::string stable_name(std::string_view name) {
  if (name.starts_with(kTrampoline)) return std::string(kTrampoline.substr(0, kTrampoline.size() - 1));
  if (name.starts_with(kProgram) && name.size() > kDigestEnd && name[kDigestEnd - 1] == '_') {
    return std::string(kProgram).append(name.substr(kDigestEnd));
  }
  return std::string(name);
}

// arm64's ABI marks code and data within functions so.
bool is_mapping(std::string_view name) {
  return name.starts_with("$x") || name.starts_with("$d");
}

// "ffffffffc0201000 pb_open\t[probebench]"
std::optional<Symbol> parse_symbol(std::string_view line) {
  Symbol symbol;
  const auto blank = line.find(' ');
  if (blank == line.npos) return std::nullopt;
  const auto* end = line.data() + blank;
  const auto read = std::from_chars(line.data(), end, symbol.address, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  const auto tab = line.find('\t', blank);
  symbol.name = stable_name(line.substr(blank + 1, tab == line.npos ? tab : tab - blank - 1));
  if (tab != line.npos && line.ends_with("]")) symbol.owner = line.substr(tab + 2, line.size() - tab - 3);
  if (symbol.name.empty()) return std::nullopt;
  return symbol;
}

// Of several names for one address, the plainest.
auto plainness(const Symbol& symbol) {
  const auto underscores = std::min(symbol.name.find_first_not_of('_'), symbol.name.size());
  return std::tuple(symbol.address, underscores, symbol.name.size(), std::string_view(symbol.name));
}

void put_in_order(std::vector<Symbol>& symbols) {
  std::ranges::sort(symbols, [](const auto& a, const auto& b) { return plainness(a) < plainness(b); });
  // (std::ranges::unique of libstdc++ 12 does not compile with clang 14.)
  const auto same = [](const Symbol& a, const Symbol& b) { return a.address == b.address; };
  symbols.erase(std::unique(symbols.begin(), symbols.end(), same), symbols.end());
}

}  // namespace

Result<SymbolTable> SymbolTable::parse(std::string_view lines) {
  return SymbolTable().with(lines, {});
}

Result<SymbolTable> SymbolTable::with(std::string_view lines, std::vector<NamedRange> ranges) const {
  SymbolTable table(*this);
  while (!lines.empty()) {
    const auto line = take_line(lines);
    auto symbol = parse_symbol(line);
    if (!symbol) return Error{Fault::infra, fmt::format("read the guest's symbols: '{}'", line), 0, {}};
    if (!is_mapping(symbol->name)) table.symbols_.push_back(*std::move(symbol));
  }
  put_in_order(table.symbols_);
  table.ranges_.insert(table.ranges_.begin(), ranges.begin(), ranges.end());
  return table;
}

std::string SymbolTable::name_of(std::uint64_t address) const {
  for (const auto& range : ranges_) {
    if (address >= range.begin && address < range.end) return range.name;
  }
  if (!verify::is_kernel_address(address)) return std::string(kUserSpace);
  const auto above = std::ranges::upper_bound(symbols_, address, {}, &Symbol::address);
  if (above == symbols_.begin()) return std::string(kNoSymbol);
  const auto& symbol = *std::prev(above);
  return symbol.owner.empty() ? symbol.name : fmt::format("{} [{}]", symbol.name, symbol.owner);
}

std::string SymbolTable::place_of(std::uint64_t address) const {
  constexpr std::uint64_t kLongestFunction = 64 << 10;
  const auto above = std::ranges::upper_bound(symbols_, address, {}, &Symbol::address);
  if (above == symbols_.begin()) return {};
  const auto offset = address - std::prev(above)->address;
  return offset < kLongestFunction ? fmt::format("{}+{:#x}", name_of(address), offset) : "";
}

bool SymbolTable::begins_at(std::uint64_t address) const {
  return std::ranges::binary_search(symbols_, address, {}, &Symbol::address);
}

}  // namespace probebench::anatomy
