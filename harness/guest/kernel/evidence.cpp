// SPDX-License-Identifier: MIT
#include "kernel/evidence.h"

#include "base/file.h"
#include "base/text.h"

namespace probebench::kernel {
namespace {

std::string_view listing_path(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kprobe:
    case Mechanism::kprobe_post:
    case Mechanism::kretprobe:
      return "sys/kernel/debug/kprobes/list";
    case Mechanism::fprobe_entry:
    case Mechanism::fprobe_exit:
    case Mechanism::ftrace:
    case Mechanism::ftrace_regs:
      return "sys/kernel/tracing/enabled_functions";
    case Mechanism::tracepoint:
    case Mechanism::uprobe:
    case Mechanism::uretprobe:
      return {};
  }
  return {};
}

// The symbol as a whole word: pb_site_mid is not pb_site_mid_step.
bool names(std::string_view line, std::string_view symbol) {
  const auto at = line.find(symbol);
  if (at == std::string_view::npos) return false;
  const auto end = at + symbol.size();
  return end == line.size() || line[end] == '+' || line[end] == ' ' || line[end] == '\t';
}

Bytes bytes_of(const std::uint8_t* data, std::uint32_t length) {
  return Bytes(data, data + length);
}

}  // namespace

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char plain = c == '\t' ? ' ' : c;
    if (plain == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += plain;
  }
  return std::string(trimmed(out));
}

std::string line_naming(std::string_view listing, std::string_view symbol) {
  for (const auto line : split(listing, '\n')) {
    if (!names(line, symbol)) continue;
    const auto first = line.find_first_of(" \t");
    const bool has_address = line.starts_with("ffff") || line.starts_with("0000");
    return squeezed(has_address && first != std::string_view::npos ? line.substr(first) : line);
  }
  return {};
}

std::string kernel_flags(const Cell& cell, const std::filesystem::path& root) {
  const auto path = listing_path(info_of(cell.probe_type).mechanism);
  if (path.empty()) return {};
  const auto listing = read_file(root / path);
  return listing ? line_naming(*listing, info_of(cell.site).symbol) : std::string();
}

Evidence evidence_of(const pb_evidence& raw) {
  const auto has = [&](std::uint32_t flag) { return (raw.flags & flag) != 0; };
  Evidence evidence;
  evidence.armed = bytes_of(raw.site, raw.site_len);
  if (has(PB_EV_SLOT)) evidence.slot = bytes_of(raw.slot, raw.slot_len);
  if (has(PB_EV_DETOUR)) evidence.detour = bytes_of(raw.detour, raw.detour_len);
  evidence.site_address = raw.site_addr;
  evidence.slot_address = raw.slot_addr;
  evidence.detour_address = raw.detour_addr;
  evidence.emulated = has(PB_EV_EMULATED);
  evidence.boostable = has(PB_EV_BOOSTABLE);
  evidence.optimized_flag = has(PB_EV_OPTIMIZED);
  evidence.ftrace_flag = has(PB_EV_FTRACE);
  evidence.prepared = has(PB_EV_PREPARED);
  evidence.breakpoint = has(PB_EV_BREAKPOINT);
  evidence.in_own_list = has(PB_EV_OWN_LIST);
  evidence.slots_held = raw.slots_held;
  evidence.missed = raw.nmissed;
  return evidence;
}

}  // namespace probebench::kernel
