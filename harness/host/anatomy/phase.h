// SPDX-License-Identifier: MIT
// What the instructions of a hit are for, by the function that they are in.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anatomy/walk.h"

namespace probebench::anatomy {

enum class Phase { call, entry, dispatch, lookup, handler, slot, exit };

struct PhaseInfo {
  Phase id;
  std::string_view name;
  std::string_view summary;
};

inline constexpr std::array kPhases{
    PhaseInfo{Phase::call, "call", "the probed call itself and its loop"},
    PhaseInfo{Phase::entry, "entry", "into the probe: exception or trampoline, registers saved"},
    PhaseInfo{Phase::dispatch, "dispatch", "from the entry to the handler and back"},
    PhaseInfo{Phase::lookup, "lookup", "which probe is it"},
    PhaseInfo{Phase::handler, "handler", "the handler"},
    PhaseInfo{Phase::slot, "slot", "the replaced instruction: stepped, or emulated"},
    PhaseInfo{Phase::exit, "exit", "out of the probe: registers restored, return"},
};

constexpr std::string_view name_of(Phase phase) {
  return kPhases[static_cast<std::size_t>(phase)].name;
}

// Names for text that is in no symbol listing; see NamedRange.
inline constexpr std::string_view kSlotName = "instruction slot";
inline constexpr std::string_view kDetourName = "detour buffer";

// One phase for each visit. `names` are the functions, as SymbolTable has them. A function that the table
// does not know serves what called it.
std::vector<Phase> phases_of(std::span<const Visit> visits, std::span<const std::string> names);

}  // namespace probebench::anatomy
