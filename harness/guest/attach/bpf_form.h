// SPDX-License-Identifier: MIT
// How each BPF probe type is made: which form of the handler's program, and how it is attached.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/probe_type.h"

namespace probebench::attach {

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
