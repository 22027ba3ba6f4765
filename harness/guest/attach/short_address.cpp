// SPDX-License-Identifier: MIT
#include "attach/short_address.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <optional>
#include <utility>

#include "kernel/arch.h"
#include "kernel/bpf_text.h"
#include "model/arm64_words.h"

namespace probebench::attach {
namespace {

constexpr std::size_t kRecordBytes = 1 << 13;  // of some dozens of symbols; a power of two
constexpr std::size_t kPartsOfAddress = 3;     // the fourth is that of all of the kernel's addresses
// What lies above is a small negative number.
constexpr std::uint64_t kFirstAddress = 0xfff0'0000'0000'0000;
constexpr std::uint64_t kLastAddress = 0xffff'fffe'ffff'ffff;

// The text of a program that the kernel has compiled; empty: it was not, or the kernel does not show it.
Bytes compiled_text(int fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {};
  Bytes text(info.jited_prog_len);
  bpf_prog_info asked{};
  asked.jited_prog_len = info.jited_prog_len;
  asked.jited_prog_insns = reinterpret_cast<std::uint64_t>(text.data());
  size = sizeof asked;
  if (bpf_obj_get_info_by_fd(fd, &asked, &size) != 0 || asked.jited_prog_insns == 0) return {};
  return text;
}

}  // namespace

bool loads_short_address(const Bytes& text) {
  std::optional<arm64::MovedPart> first;
  std::uint64_t value = 0;
  std::size_t parts = 0;
  const auto is_short = [&] {
    return first && value >= kFirstAddress && value <= kLastAddress && parts < kPartsOfAddress;
  };
  for (std::size_t at = 0; const auto word = arm64::word_at(text, at); at += arm64::kWordBytes) {
    const auto part = arm64::moved_part(*word);
    if (part && part->kind == arm64::Move::keep && first && part->target == first->target) {
      value = part->put_into(value);
      ++parts;
      continue;
    }
    if (is_short()) return true;
    first.reset();
    if (!part || part->kind == arm64::Move::keep) continue;
    first = part;
    value = part->put_into(0);
    parts = 1;
  }
  return is_short();
}

bool program_has_short_address(int fd) {
  return kernel::kAddressesHaveParts && loads_short_address(compiled_text(fd));
}

Result<TrampolineWatch> TrampolineWatch::begin() {
  auto records = TRY(kernel::SymbolRecords::open(kRecordBytes));
  return TrampolineWatch(std::move(records));
}

bool TrampolineWatch::has_short_address() {
  constexpr std::string_view kTrampoline = "bpf_trampoline_";
  kernel::SymbolsAt symbols;
  const auto* const reader = kernel::kept_text_reader();
  if (!kernel::take_symbol_records(records_.take(), symbols) || reader == nullptr) return false;
  for (const auto& [address, name] : symbols) {
    if (!name.starts_with(kTrampoline)) continue;
    const auto text = reader->read(address, kernel::kMaxTextBytes);
    if (text && loads_short_address(*text)) return true;
  }
  return false;
}

}  // namespace probebench::attach
