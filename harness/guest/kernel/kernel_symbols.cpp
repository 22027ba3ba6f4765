// SPDX-License-Identifier: MIT
#include "kernel/kernel_symbols.h"

#include "base/file.h"

namespace probebench {
namespace {

// "ffffffff81000000 T _stext", "ffffffffc0201000 t pb_open\t[probebench]"
constexpr std::size_t kTypeAt = 17;
constexpr std::size_t kNameAt = 19;

// Owners of symbols that come and go: [bpf], and [__builtin__kprobes] and [__builtin__ftrace] of Linux 5.8.
bool is_passing(std::string_view line) {
  return line.ends_with("[bpf]") || line.find("[__builtin__") != line.npos;
}

// The padding before a function (Linux 6.2) has a name of its own and is never executed.
bool is_padding(std::string_view name) {
  return name.starts_with("__pfx_");
}

bool is_text(std::string_view line) {
  return line.size() > kNameAt && std::string_view("tTwW").find(line[kTypeAt]) != line.npos &&
         !is_padding(line.substr(kNameAt));
}

}  // namespace

std::string text_symbols(std::string_view listing, SymbolSet set) {
  std::string text;
  while (!listing.empty()) {
    const auto end = listing.find('\n');
    const auto line = listing.substr(0, end);
    listing.remove_prefix(end == listing.npos ? listing.size() : end + 1);
    if (!is_text(line) || (set == SymbolSet::passing && !is_passing(line))) continue;
    text.append(line.substr(0, kTypeAt)).append(line.substr(kNameAt)).push_back('\n');
  }
  return text;
}

Result<std::string> read_text_symbols(SymbolSet set) {
  const auto listing = read_file("/proc/kallsyms");
  if (!listing) return listing.error();
  return text_symbols(*listing, set);
}

}  // namespace probebench
