// SPDX-License-Identifier: MIT
#include "kernel/kallsyms.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

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

void note(FunctionTable& table, const std::string& name, const KernelSymbol& symbol) {
  const auto [at, fresh] = table.try_emplace(
      name, KernelFunction{.address = symbol.address(), .owner = std::string(symbol.owner())});
  if (!fresh && at->second.address != symbol.address()) ++at->second.namesakes;
}

bool read_at(int fd, std::uint64_t offset, void* to, std::size_t size) {
  return ::pread(fd, to, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

std::vector<Elf64_Phdr> segments_of(int fd) {
  Elf64_Ehdr header{};
  if (!read_at(fd, 0, &header, sizeof header)) return {};
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!read_at(fd, header.e_phoff, segments.data(), segments.size() * sizeof(Elf64_Phdr))) return {};
  return segments;
}

bool holds(const Elf64_Phdr& segment, std::uint64_t address, std::size_t length) {
  return segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
         address + length <= segment.p_vaddr + segment.p_memsz;
}

}  // namespace

std::string text_symbols(std::string_view listing, SymbolSet set) {
  std::string text;
  while (!listing.empty()) {
    const auto line = take_line(listing);
    const KernelSymbol symbol(line);
    if (!symbol.is_text() || is_padding(symbol.name())) continue;
    if (set == SymbolSet::passing && !is_passing(line)) continue;
    if (set == SymbolSet::owned && !line.ends_with(']')) continue;
    text.append(symbol.address_text()).append(1, ' ').append(symbol.named()).push_back('\n');
  }
  return text;
}

Result<std::string_view> first_listing() {
  static const auto kListing = read_file(kKallsyms);
  if (!kListing) return kListing.error();
  return std::string_view(*kListing);
}

// Data of each CPU has addresses from 0 on; text never lies there.
Status addresses_are_shown(std::string_view listing, const std::filesystem::path& root) {
  while (!listing.empty()) {
    const KernelSymbol symbol(take_line(listing));
    if (!symbol.is_text()) continue;
    if (symbol.address() != 0) return Done{};
    const auto setting = read_file(root / "proc/sys/kernel/kptr_restrict");
    const auto value = setting ? std::string(trimmed(*setting)) : "unknown";
    return Error{Fault::unsupported,
                 fmt::format("{} shows no address (kernel.kptr_restrict is {})", kKallsyms, value), 0,
                 value == "2" ? "sysctl -w kernel.kptr_restrict=1, as root" : "root, or CAP_SYSLOG"};
  }
  return Done{};
}

Result<std::string> read_text_symbols(SymbolSet set) {
  const auto listing = TRY(read_file(kKallsyms));
  return text_symbols(listing, set);
}

FunctionTable find_functions(std::string_view listing, const std::set<std::string>& wanted) {
  FunctionTable table;
  std::vector<std::uint64_t> addresses;
  const bool by_owner =
      std::ranges::any_of(wanted, [](const auto& name) { return name.find(':') != name.npos; });
  while (!listing.empty()) {
    const KernelSymbol symbol(take_line(listing));
    if (!symbol.is_text()) continue;
    addresses.push_back(symbol.address());
    const std::string name(symbol.name());
    if (wanted.contains(name)) note(table, name, symbol);
    if (!by_owner) continue;
    const auto owned = fmt::format("{}:{}", symbol.owner(), name);
    if (wanted.contains(owned)) note(table, owned, symbol);
  }
  std::ranges::sort(addresses);
  for (auto& [name, function] : table) {
    const auto next = std::ranges::upper_bound(addresses, function.address);
    if (next != addresses.end()) function.size = *next - function.address;
  }
  return table;
}

Result<FunctionTable> find_kernel_functions(const std::set<std::string>& wanted) {
  const auto listing = first_listing();
  if (!listing) return Error{Fault::cell, std::string("read ") + kKallsyms, listing.error().err, {}};
  TRY(addresses_are_shown(*listing));
  return find_functions(*listing, wanted);
}

std::vector<std::string> functions_like(std::string_view listing, std::string_view name) {
  constexpr std::size_t kLengths = 3;
  std::vector<std::string> names;
  while (!name.empty() && !listing.empty()) {
    const KernelSymbol symbol(take_line(listing));
    const auto other = symbol.name();
    const auto [shorter, longer] = std::minmax({other.size(), name.size()});
    if (!symbol.is_text() || is_padding(other) || longer - shorter > kLengths) continue;
    if (other.starts_with(name.front())) names.emplace_back(other);
  }
  return names;
}

std::uint64_t address_in_kallsyms(std::string_view listing, std::string_view symbol) {
  while (!listing.empty()) {
    const KernelSymbol found(take_line(listing));
    if (found.name() == symbol) return found.address();
  }
  return 0;
}

KernelTextFile::KernelTextFile(std::filesystem::path path, UniqueFd fd)
    : path_(std::move(path)), fd_(std::move(fd)), segments_(segments_of(fd_.get())) {}

Result<KernelTextFile> KernelTextFile::open(const std::filesystem::path& kcore) {
  UniqueFd fd(::open(kcore.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error(Fault::unsupported, "read kernel text in " + kcore.string());
  return KernelTextFile(kcore, std::move(fd));
}

Result<Bytes> KernelTextFile::read(std::uint64_t address, std::size_t length) const {
  for (const auto& segment : segments_) {
    if (!holds(segment, address, length)) continue;
    Bytes bytes(length);
    if (read_at(fd_.get(), segment.p_offset + (address - segment.p_vaddr), bytes.data(), length))
      return bytes;
    return errno_error(Fault::cell, fmt::format("read {:#x} in {}", address, path_.string()));
  }
  return Error{Fault::cell, fmt::format("find {:#x} in {}", address, path_.string()), ENOENT, {}};
}

Result<Bytes> read_kernel_text(std::uint64_t address, std::size_t length,
                               const std::filesystem::path& kcore) {
  const auto file = TRY(KernelTextFile::open(kcore));
  return file.read(address, length);
}

}  // namespace probebench::kernel
