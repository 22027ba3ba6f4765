// SPDX-License-Identifier: MIT
#include "cost/kernel_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>
#include <string>

#include "base/text.h"
#include "cost/kernel_listings.h"
#include "kernel/arch.h"
#include "kernel/bpf_text.h"
#include "kernel/kallsyms.h"

namespace probebench::cost {
namespace {

constexpr std::size_t kPiece = 1 << 20;
constexpr std::uint64_t kMostText = 64 << 20;
constexpr std::uint8_t kCall = 0xe8;
constexpr std::uint8_t kJump = 0xe9;
constexpr std::uint8_t kShortJump = 0xeb;
constexpr std::size_t kDisplacement = 4;  // bytes of a call's or jump's

// memcmp() takes a guest a tenth of what a loop over the bytes does, and hardly a page differs.
std::size_t first_difference(const Bytes& before, const Bytes& now, std::size_t at, std::size_t size) {
  constexpr std::size_t kPage = 4096;
  while (at < size) {
    const auto length = std::min(kPage, size - at);
    const auto *was = before.data() + at, *is = now.data() + at;
    if (std::memcmp(was, is, length) != 0) {
      return at + static_cast<std::size_t>(std::mismatch(was, was + length, is).first - was);
    }
    at += length;
  }
  return size;
}

// From one difference to the end of the patched instruction.
std::size_t end_of_patch(const Bytes& before, const Bytes& now, std::size_t at) {
  const auto limit = std::min(at + kernel::kPatchedBytes, now.size());
  auto end = at + 1;
  for (auto i = end; i < limit; ++i) {
    if (before[i] != now[i]) end = i + 1;
  }
  return end;
}

bool leads(std::uint8_t opcode) {
  return opcode == kCall || opcode == kJump;
}

// A call or jump that was there and now leads elsewhere begins before the first byte that differs.
std::size_t begin_of_patch(const Bytes& before, const Bytes& now, std::size_t at) {
  const bool opcode = now[at] == kernel::kBreakpointOpcode || leads(now[at]) || now[at] == kShortJump;
  for (std::size_t back = 1; !opcode && back <= std::min(at, kDisplacement); ++back) {
    if (leads(before[at - back])) return at - back;
  }
  return at;
}

ArmedText place_at(const Bytes& before, const Bytes& now, std::size_t at, std::uint64_t begin) {
  const auto end = std::min(at + kernel::kPatchedBytes, now.size());
  const auto piece = [&](const Bytes& bytes) {
    return Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(end));
  };
  return {.address = begin + at, .before = piece(before), .armed = piece(now)};
}

void append(std::vector<ArmedText>& places, std::vector<ArmedText> more) {
  std::ranges::move(more, std::back_inserter(places));
}

// The listing's line on the function that the place begins.
const ListedProbe* function_line(const ArmedText& place, const std::vector<ListedProbe>& listed) {
  const auto name = place.place.substr(0, place.place.find('+'));
  const auto found = std::ranges::find(listed, name, function_of);
  return name.empty() || found == listed.end() ? nullptr : &*found;
}

bool has_flag(const ArmedText& place, const std::vector<ListedProbe>& listed, std::string_view flag) {
  return std::ranges::any_of(listed, [&](const ListedProbe& one) {
    return address_of(one) == place.address && one.line.find(flag) != std::string::npos;
  });
}

SiteArming arming_of(const ArmedText& place, const std::vector<ListedProbe>& listed) {
  const auto opcode = place.armed.front();
  if (leads(opcode) && opcode == place.before.front()) return SiteArming::led_elsewhere;
  const auto* line = function_line(place, listed);
  if (opcode == kernel::kBreakpointOpcode) return SiteArming::breakpoint;
  if (leads(opcode) && line != nullptr) {
    const bool direct = line->line.find("direct") != std::string::npos;
    return direct ? SiteArming::trampoline : SiteArming::ftrace;
  }
  if (opcode == kJump && has_flag(place, listed, "[OPTIMIZED]")) return SiteArming::jump;
  const auto was = place.before.front();
  const bool key = opcode == kJump || opcode == kShortJump || was == kJump || was == kShortJump;
  return key ? SiteArming::static_key : SiteArming::unknown;
}

// The names of the nearest symbols below. Of several at one address it is the one that the listings have, and
// else the last: each system call without arguments has three names.
void name_by_kallsyms(std::vector<ArmedText>& places, const std::vector<ListedProbe>& listed) {
  std::set<std::string, std::less<>> listed_names;
  for (const auto& one : listed) listed_names.insert(function_of(one));
  const auto first = kernel::first_listing();
  auto listing = first ? *first : std::string_view();
  std::vector<std::uint64_t> nearest(places.size());
  std::vector<bool> is_listed(places.size());
  while (!places.empty() && !listing.empty()) {
    const kernel::KernelSymbol symbol(take_line(listing));
    if (!symbol.is_text()) continue;
    const auto address = symbol.address();
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (address > places[i].address || address < nearest[i]) continue;
      if (address == nearest[i] && is_listed[i]) continue;
      nearest[i] = address;
      is_listed[i] = listed_names.contains(symbol.name());
      places[i].place = fmt::format("{}+{:#x}", symbol.name(), places[i].address - address);
    }
  }
}

}  // namespace

std::vector<ArmedText> changed_places(const Bytes& before, const Bytes& now, std::uint64_t begin) {
  std::vector<ArmedText> places;
  const auto size = std::min(before.size(), now.size());
  for (std::size_t at = 0; at < size;) {
    at = first_difference(before, now, at, size);
    if (at == size) break;
    places.push_back(place_at(before, now, begin_of_patch(before, now, at), begin));
    at = end_of_patch(before, now, at);
  }
  return places;
}

Result<KernelText> KernelText::copy() {
  KernelText copied;
  copied.begin_ = TRY(kernel::kernel_symbol_address("_stext"));
  const auto end = TRY(kernel::kernel_symbol_address("_etext"));
  if (end <= copied.begin_ || end - copied.begin_ > kMostText) {
    return Error{Fault::unsupported, "find the kernel's text", 0, {}};
  }
  for (auto at = copied.begin_; at < end; at += kPiece) {
    const auto piece = TRY(kernel::read_kernel_text(at, std::min<std::size_t>(kPiece, end - at)));
    copied.text_.insert(copied.text_.end(), piece.begin(), piece.end());
  }
  return copied;
}

Result<std::vector<ArmedText>> KernelText::changes() const {
  std::vector<ArmedText> places;
  for (std::size_t at = 0; at < text_.size(); at += kPiece) {
    const auto size = std::min(kPiece, text_.size() - at);
    const auto now = TRY(kernel::read_kernel_text(begin_ + at, size));
    const auto first = text_.begin() + static_cast<std::ptrdiff_t>(at);
    const Bytes before(first, first + static_cast<std::ptrdiff_t>(size));
    if (now != before) append(places, changed_places(before, now, begin_ + at));
  }
  return places;
}

void explain(std::vector<ArmedText>& places, const std::vector<ListedProbe>& listed) {
  if (places.empty()) return;
  name_by_kallsyms(places, listed);
  for (auto& place : places) place.arming = arming_of(place, listed);
}

}  // namespace probebench::cost
