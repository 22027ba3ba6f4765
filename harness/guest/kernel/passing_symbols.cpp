// SPDX-License-Identifier: MIT
#include "kernel/passing_symbols.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "kernel/kallsyms.h"
#include "kernel/perf_event.h"

namespace probebench::kernel {
namespace {

constexpr std::size_t kRecordBytes = 1 << 18;  // of 2000 symbols; a power of two

// What follows the header of a PERF_RECORD_KSYMBOL, before the name.
struct SymbolRecord {
  std::uint64_t address;
  std::uint32_t length;
  std::uint16_t type;
  std::uint16_t flags;
};

// Kprobe slots' pages and ftrace's trampolines are of one type.
std::string_view owner_of(const SymbolRecord& record, std::string_view name) {
  if (record.type == PERF_RECORD_KSYMBOL_TYPE_BPF) return "bpf";
  return name.starts_with("ftrace") ? "__builtin__ftrace" : "__builtin__kprobes";
}

void take_symbol(std::string_view body, SymbolsAt& symbols) {
  SymbolRecord record{};
  if (body.size() <= sizeof record) return;
  std::memcpy(&record, body.data(), sizeof record);
  auto name = body.substr(sizeof record);
  name = name.substr(0, name.find('\0'));
  if ((record.flags & PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER) != 0) {
    symbols.erase(record.address);
  } else {
    symbols[record.address] = fmt::format("{}\t[{}]", name, owner_of(record, name));
  }
}

Result<SymbolsAt> symbols_so_far() {
  const auto text = text_symbols(TRY(first_listing()), SymbolSet::passing);
  SymbolsAt symbols;
  for (const auto line : split(std::string_view(text), '\n')) {
    const auto space = line.find(' ');
    if (space != line.npos) symbols[std::stoull(std::string(line), nullptr, 16)] = line.substr(space + 1);
  }
  return symbols;
}

// Those of kprobes and ftrace came with Linux 5.9, as did this.
Status hears_of_all() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.ksymbol = 1;
  attributes.text_poke = 1;
  TRY(open_perf_event(attributes, Watch::first_cpu, "hear of the kernel's new symbols"));
  return Done{};
}

}  // namespace

bool take_symbol_records(std::string_view records, SymbolsAt& symbols) {
  bool complete = true;
  perf_event_header header{};
  while (records.size() >= sizeof header) {
    std::memcpy(&header, records.data(), sizeof header);
    if (header.size < sizeof header || header.size > records.size()) return false;
    const auto body = records.substr(sizeof header, header.size - sizeof header);
    if (header.type == PERF_RECORD_KSYMBOL) take_symbol(body, symbols);
    if (header.type == PERF_RECORD_LOST) complete = false;
    records.remove_prefix(header.size);
  }
  return complete;
}

Result<SymbolRecords> SymbolRecords::open(std::size_t bytes) {
  constexpr const char* kWhat = "hear of the kernel's new symbols";
  if (::sysconf(_SC_NPROCESSORS_ONLN) != 1) {
    return Error{Fault::unsupported, "hear of the kernel's new symbols on several CPUs", 0, {}};
  }
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.ksymbol = 1;
  SymbolRecords records;
  records.event_ = TRY(open_perf_event(attributes, Watch::first_cpu, kWhat));
  records.mapped_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + bytes;
  records.ring_ =
      ::mmap(nullptr, records.mapped_, PROT_READ | PROT_WRITE, MAP_SHARED, records.event_.get(), 0);
  if (records.ring_ == MAP_FAILED) return errno_error(Fault::cell, "map perf's records of symbols");
  return records;
}

SymbolRecords::SymbolRecords(SymbolRecords&& other) noexcept
    : event_(std::move(other.event_)),
      ring_(std::exchange(other.ring_, MAP_FAILED)),
      mapped_(other.mapped_) {}

SymbolRecords::~SymbolRecords() {
  if (ring_ != MAP_FAILED) ::munmap(ring_, mapped_);
}

// The order of the accesses is perf_event_open(2)'s: the head is read before the records, and the tail is
// written after them.
std::string SymbolRecords::take() {
  auto* page = static_cast<perf_event_mmap_page*>(ring_);
  const auto* data = static_cast<const char*>(ring_) + page->data_offset;
  const auto head = std::atomic_ref(page->data_head).load(std::memory_order_acquire);
  auto tail = page->data_tail;
  std::string records;
  while (tail < head) {
    const auto at = tail % page->data_size;
    const auto length = std::min(head - tail, page->data_size - at);
    records.append(data + at, length);
    tail += length;
  }
  std::atomic_ref(page->data_tail).store(tail, std::memory_order_release);
  return records;
}

Result<PassingSymbols> PassingSymbols::watch() {
  TRY(hears_of_all());
  auto records = TRY(SymbolRecords::open(kRecordBytes));
  auto symbols = TRY(symbols_so_far());
  return PassingSymbols(std::move(records), std::move(symbols));
}

Result<std::string> PassingSymbols::text() {
  known_ = take_symbol_records(records_.take(), symbols_) && known_;
  if (!known_) return read_text_symbols(SymbolSet::passing);
  std::string text;
  for (const auto& [address, named] : symbols_) text += fmt::format("{:016x} {}\n", address, named);
  return text;
}

}  // namespace probebench::kernel
