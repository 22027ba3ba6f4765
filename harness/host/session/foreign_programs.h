// SPDX-License-Identifier: MIT
// BPF programs of others that run while the kernel is measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace probebench::session {

struct BpfProgram {
  std::uint32_t type = 0;  // enum bpf_prog_type
  std::string name;
};

using BpfPrograms = std::vector<BpfProgram>;

// All that are loaded; nothing: this user may not see them.
std::optional<BpfPrograms> loaded_bpf_programs();

// Those that are set for events of the kernel's or programs' code, in a line; empty: there are none. Programs
// for packets, cgroups and system calls of BPF itself disturb nothing that is measured.
std::string tracing_programs(const BpfPrograms& programs);

}  // namespace probebench::session
