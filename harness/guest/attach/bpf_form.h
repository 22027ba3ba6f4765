// SPDX-License-Identifier: MIT
// How each BPF probe type is made: which form of the handler's program, how it is attached, and where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "attach/attachment.h"
#include "model/cell.h"
#include "model/probe_type.h"

namespace probebench::attach {

// What a program is attached to. Functions are given by address where there is one, else by name.
struct BpfAttachPoint {
  SiteLocation location = {};
  std::string function = {};
  std::string event_group = {};  // of a tracepoint
  std::string event = {};

  // For messages.
  std::string name() const;
};

// The trace event that a cell's site stands for; nothing for sites that are no tracepoint.
std::optional<BpfAttachPoint> event_of(SiteId site);

// By address, so that nothing has to be looked up by name: a kprobe goes where the site says that it patches.
BpfAttachPoint attach_point_of(const Cell& cell, const SiteLocation& location);

// How each BPF probe type is made: which form of the handler's program, and how it is attached.

enum class BpfAttach {
  kprobe,
  kprobe_multi,
  trampoline,
  tracepoint,
  raw_tracepoint,
  uprobe,
  uprobe_multi,
  usdt
};

struct BpfForm {
  ProbeType id;
  std::string_view kind;  // second part of the program's name in bpf/programs.bpf.c
  BpfAttach attach;
  std::uint32_t attach_type;   // expected_attach_type; 0: the one of the program's section
  bool at_return;              // of kprobes and uprobes: run at the return
  bool by_btf;                 // the target is found by BTF when the program is loaded
  std::uint32_t runs_per_hit;  // a session runs at entry and at return
};

// nullptr: not a BPF probe type.
const BpfForm* find_bpf_form(ProbeType probe_type);

}  // namespace probebench::attach
