// SPDX-License-Identifier: MIT
#include "cost/tracepoint_listing.h"

#include <bpf/btf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>

#include "base/text.h"
#include "kernel/kallsyms.h"
#include "kernel/kernel_types.h"

namespace probebench::cost {
namespace {

constexpr std::string_view kSymbolPrefix = "__tracepoint_";
constexpr std::string_view kSystemCall = "__x64_sys_";
constexpr std::string_view kSystemCallTable = "sys_call_table";
constexpr std::string_view kBitmapPrefix = "enabled_perf_";
constexpr std::size_t kMostFunctions = 16;  // on one tracepoint
constexpr std::size_t kMostTable = 4 << 20;
constexpr std::size_t kSystemCallBytes = 64;  // of a bitmap with a bit for each

// What perf hangs on the tracepoints of system calls looks into a bitmap first
// (kernel/trace/trace_syscalls.c).
struct PerfSystemCalls {
  std::string_view function;
  std::string_view bitmap;
  std::string_view event;
};
constexpr std::array kPerfSystemCalls{
    PerfSystemCalls{"perf_syscall_enter", "enabled_perf_enter_syscalls", "sys_enter_"},
    PerfSystemCalls{"perf_syscall_exit", "enabled_perf_exit_syscalls", "sys_exit_"}};

Result<std::size_t> offset_of(const btf* types, const btf_type* structure, std::string_view member) {
  const auto* members = btf_members(structure);
  for (std::uint32_t i = 0; i < btf_vlen(structure); ++i) {
    if (btf__name_by_offset(types, members[i].name_off) == member)
      return std::size_t{btf_member_bit_offset(structure, i) / 8};
  }
  return Error{Fault::unsupported, fmt::format("find {} in struct tracepoint", member), ENOENT, {}};
}

Result<TracepointLayout> layout_by_btf() {
  const auto* types = TRY(kernel::kernel_types());
  const auto tracepoint = btf__find_by_name_kind(types, "tracepoint", BTF_KIND_STRUCT);
  const auto func = btf__find_by_name_kind(types, "tracepoint_func", BTF_KIND_STRUCT);
  if (tracepoint < 0 || func < 0)
    return Error{Fault::unsupported, "find struct tracepoint in the kernel's BTF", ENOENT, {}};
  TracepointLayout layout;
  layout.funcs =
      TRY(offset_of(types, btf__type_by_id(types, static_cast<std::uint32_t>(tracepoint)), "funcs"));
  layout.func_size = btf__type_by_id(types, static_cast<std::uint32_t>(func))->size;
  return layout;
}

std::uint64_t word_at(const Bytes& bytes, std::size_t at) {
  std::uint64_t word = 0;
  if (at + sizeof word <= bytes.size()) std::memcpy(&word, bytes.data() + at, sizeof word);
  return word;
}

struct NamedTracepoint {
  std::string name;  // "sched_switch"
  std::uint64_t address = 0;
};

// What is looked for in the listing of symbols.
class Symbols {
 public:
  static Result<Symbols> read() {
    Symbols symbols(TRY(kernel::first_listing()));
    for (auto listing = symbols.listing_; !listing.empty();)
      symbols.take(kernel::KernelSymbol(take_line(listing)));
    std::ranges::sort(symbols.tracepoints_, {}, &NamedTracepoint::address);
    if (symbols.tracepoints_.empty() || symbols.tracepoints_.front().address == 0)
      return Error{Fault::unsupported, "find the tracepoints in /proc/kallsyms", ENOENT, {}};
    return symbols;
  }

  const std::vector<NamedTracepoint>& tracepoints() const { return tracepoints_; }
  std::uint64_t address_of(std::string_view name) const {
    const auto found = data_.find(name);
    return found == data_.end() ? 0 : found->second;
  }
  // Of text: looked for when it is asked for, since hardly any is.
  const std::string& name_of(std::uint64_t function) {
    auto& name = names_[function];
    for (auto listing = listing_; name.empty() && !listing.empty();) {
      const kernel::KernelSymbol symbol(take_line(listing));
      if (symbol.is_text() && symbol.address() == function) name = symbol.name();
    }
    if (name.empty()) name = fmt::format("{:#x}", function);
    return name;
  }

 private:
  explicit Symbols(std::string_view listing) : listing_(listing) {}

  void take(const kernel::KernelSymbol& symbol) {
    const auto name = symbol.name();
    if (symbol.is_text() || symbol.owner() != "vmlinux") return;
    if (name.starts_with(kSymbolPrefix)) {
      tracepoints_.push_back({std::string(name.substr(kSymbolPrefix.size())), symbol.address()});
    } else if (name == kSystemCallTable || name.starts_with(kBitmapPrefix)) {
      data_.emplace(name, symbol.address());
    }
  }

  std::string_view listing_;
  std::vector<NamedTracepoint> tracepoints_;  // by address
  std::map<std::string, std::uint64_t, std::less<>> data_;
  std::map<std::uint64_t, std::string> names_;
};

class TracepointTable {
 public:
  static Result<TracepointTable> make() {
    auto symbols = TRY(Symbols::read());
    const auto layout = TRY(layout_by_btf());
    return TracepointTable(std::move(symbols), layout);
  }

  // All of them lie side by side, and are read at once.
  std::vector<ListedProbe> attached() {
    std::vector<ListedProbe> listed;
    const auto& all = symbols_.tracepoints();
    const auto begin = all.front().address;
    const auto table = read(begin, all.back().address - begin + layout_.funcs + sizeof(std::uint64_t));
    for (const auto& tracepoint : all) {
      const auto array = word_at(table, tracepoint.address - begin + layout_.funcs);
      const auto functions = functions_in(array, layout_, kernel_memory);
      if (!functions) continue;  // the kernel has freed it meanwhile
      for (const auto function : *functions) add(tracepoint.name, symbols_.name_of(function), listed);
    }
    return listed;
  }

 private:
  TracepointTable(Symbols symbols, TracepointLayout layout) : symbols_(std::move(symbols)), layout_(layout) {}

  static Result<Bytes> kernel_memory(std::uint64_t address, std::size_t length) {
    return kernel::read_kernel_text(address, length);
  }

  // Nothing where it cannot be read.
  static Bytes read(std::uint64_t address, std::size_t length) {
    auto bytes = address == 0 || length > kMostTable ? Result(Bytes()) : kernel_memory(address, length);
    return bytes ? *std::move(bytes) : Bytes();
  }

  void add(const std::string& tracepoint, const std::string& function, std::vector<ListedProbe>& listed) {
    if (is_tracers_own(function)) return;
    const auto line = tracepoint + " " + function;
    const auto perf = std::ranges::find(kPerfSystemCalls, function, &PerfSystemCalls::function);
    if (perf == kPerfSystemCalls.end()) return listed.push_back({std::string(kTracepointListing), line});
    for (const auto& call : system_calls(symbols_.address_of(perf->bitmap)))
      listed.push_back({std::string(kTracepointListing), line + " " + call});
  }

  std::vector<std::string> system_calls(std::uint64_t bitmap) {
    std::vector<std::string> names;
    const auto bits = read(bitmap, kSystemCallBytes);
    for (std::size_t number = 0; number < 8 * bits.size(); ++number) {
      if ((bits[number / 8] >> (number % 8) & 1) != 0) names.push_back(system_call(number));
    }
    return names;
  }

  std::string system_call(std::size_t number) {
    const auto table = symbols_.address_of(kSystemCallTable);
    const auto entry = table == 0 ? Bytes() : read(table + 8 * number, 8);
    return entry.empty() ? std::to_string(number) : symbols_.name_of(word_at(entry, 0));
  }

  Symbols symbols_;
  TracepointLayout layout_;
};

}  // namespace

Result<std::vector<std::uint64_t>> functions_in(std::uint64_t array, const TracepointLayout& layout,
                                                const ReadMemory& read) {
  std::vector<std::uint64_t> functions;
  while (array != 0 && functions.size() < kMostFunctions) {
    const auto entry = TRY(read(array + functions.size() * layout.func_size, sizeof(std::uint64_t)));
    const auto function = word_at(entry, 0);
    if (function == 0) break;
    functions.push_back(function);
  }
  return functions;
}

std::vector<ListedProbe> list_tracepoints() {
  static auto table = TracepointTable::make();
  return table ? table->attached() : std::vector<ListedProbe>();
}

std::optional<std::string> event_of_perf(const std::string& line,
                                         const std::function<std::string(const std::string&)>& group_of) {
  const auto words = split(line, ' ');
  if (words.size() < 2 || !words[1].starts_with("perf_")) return std::nullopt;
  auto event = std::string(words[0]);
  const auto perf = std::ranges::find(kPerfSystemCalls, words[1], &PerfSystemCalls::function);
  if (perf != kPerfSystemCalls.end() && words.size() == 3 && words[2].starts_with(kSystemCall))
    event = std::string(perf->event) + std::string(words[2].substr(kSystemCall.size()));
  const auto group = group_of(event);
  return group.empty() ? std::nullopt : std::optional(group + "/" + event);
}

}  // namespace probebench::cost
