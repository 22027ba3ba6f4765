// SPDX-License-Identifier: MIT
#include "attach/graph_index.h"

#include <algorithm>
#include <array>

#include "kernel/arch.h"
#include "kernel/bpf_text.h"

namespace probebench::attach {
namespace {

constexpr std::size_t kMaskBytes = 8;

constexpr std::array kTypesThatWantReturns{
    ProbeType::fprobe_exit,        ProbeType::fprobe_exit_all,         ProbeType::bpf_kretprobe_multi,
    ProbeType::bpf_kprobe_session, ProbeType::bpf_kretprobe_multi_all, ProbeType::tracefs_function_graph,
};

// Looked up once. A kernel that has it not gives one user at a time its returns (before Linux 6.11).
Result<std::uint64_t> mask_address() {
  static const auto kAddress = kernel::kernel_symbol_address("fgraph_array_bitmask");
  return kAddress;
}

}  // namespace

bool only_first_index(const Bytes& mask) {
  return mask.size() == kMaskBytes && mask.front() == 1 &&
         std::ranges::all_of(mask.begin() + 1, mask.end(), [](auto byte) { return byte == 0; });
}

bool has_first_graph_index(ProbeType type) {
  if (!kernel::kGraphUsersAreWalked || !std::ranges::count(kTypesThatWantReturns, type)) return false;
  const auto address = mask_address();
  const auto* const reader = kernel::kept_text_reader();
  if (!address || reader == nullptr) return false;
  const auto mask = reader->read(*address, kMaskBytes);
  return mask && only_first_index(*mask);
}

}  // namespace probebench::attach
