// SPDX-License-Identifier: MIT
// What a probe site was observed to be, as opposed to what was asked for.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace probebench::inline model {

enum class ProbeState {
  unarmed,      // original bytes
  stepped,      // int3 or brk; the slot ends in a second one, or is run under the trap flag
  boosted,      // int3; the slot jumps back
  emulated,     // int3 or brk; the kernel computes the instruction in software
  detour,       // int3; the handler runs from the detour buffer prepared for optimization
  optimized,    // jmp to the detour buffer
  ftrace,       // call to an ftrace trampoline
  ftrace_jump,  // jmp to a trampoline that returns to the caller by itself (fexit and fmod_ret, Linux 7.x)
  static_key,   // jump label switched on
  breakpoint,   // original bytes; a debug register of the measuring CPU holds the address
  user_int3,    // int3 in a process's text
  user_brk,     // arm64: brk in a process's text
  user_call,    // call to the uprobe trampoline; of a nop of ten bytes, lea and call
  unknown,      // none of the above
};

struct ProbeStateInfo {
  ProbeState id;
  std::string_view name;  // table and JSON
};

inline constexpr std::array kProbeStates{
    ProbeStateInfo{ProbeState::unarmed, "unarmed"},
    ProbeStateInfo{ProbeState::stepped, "stepped"},
    ProbeStateInfo{ProbeState::boosted, "boosted"},
    ProbeStateInfo{ProbeState::emulated, "emulated"},
    ProbeStateInfo{ProbeState::detour, "detour"},
    ProbeStateInfo{ProbeState::optimized, "optimized"},
    ProbeStateInfo{ProbeState::ftrace, "ftrace"},
    ProbeStateInfo{ProbeState::ftrace_jump, "ftrace-jmp"},
    ProbeStateInfo{ProbeState::static_key, "static-key"},
    ProbeStateInfo{ProbeState::breakpoint, "breakpoint"},
    ProbeStateInfo{ProbeState::user_int3, "int3"},
    ProbeStateInfo{ProbeState::user_brk, "brk"},
    ProbeStateInfo{ProbeState::user_call, "call"},
    ProbeStateInfo{ProbeState::unknown, "unknown"},
};

constexpr std::string_view name_of(ProbeState state) {
  return kProbeStates[static_cast<size_t>(state)].name;
}

// A small set of states: those a probe type may be observed in.
class StateSet {
 public:
  constexpr StateSet(std::initializer_list<ProbeState> states) {
    for (const auto state : states) bits_ |= bit(state);
  }
  constexpr bool contains(ProbeState state) const { return (bits_ & bit(state)) != 0; }
  // "stepped or boosted"
  std::string text() const {
    std::string joined;
    for (const auto& info : kProbeStates) {
      if (!contains(info.id)) continue;
      if (!joined.empty()) joined += " or ";
      joined += info.name;
    }
    return joined;
  }

 private:
  static constexpr std::uint32_t bit(ProbeState state) { return 1u << static_cast<unsigned>(state); }
  std::uint32_t bits_ = 0;
};

}  // namespace probebench::inline model
