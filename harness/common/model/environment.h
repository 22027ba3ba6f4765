// SPDX-License-Identifier: MIT
// The recorded facts of a target, and of the host that drove it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/capability.h"

namespace probebench::inline model {

// What the TSC of a target counts.

enum class ClockKind {
  instructions,   // executed guest instructions: TCG with -icount
  tsc,            // time: KVM or bare metal
  emulated_time,  // TCG without -icount: for tests only, never published
};

struct ClockInfo {
  ClockKind id;
  std::string_view name;     // in JSON and fingerprints
  std::string_view unit;     // of what is read from it
  std::string_view meaning;  // of a figure in that unit
};

inline constexpr std::array kClocks{
    ClockInfo{ClockKind::instructions, "instructions", "instructions", "executed instructions, not time"},
    ClockInfo{ClockKind::tsc, "tsc", "ticks", "ticks of the TSC"},
    ClockInfo{ClockKind::emulated_time, "emulated-time", "ticks", "emulated time, for tests only"},
};

constexpr const ClockInfo& info_of(ClockKind id) {
  return kClocks[static_cast<std::size_t>(id)];
}

// Not of a target that never came up: it has no clock.
constexpr bool counts_instructions(std::optional<ClockKind> clock) {
  return clock == ClockKind::instructions;
}

// What the agent finds inside the target. `facts` holds stable strings by name (kernel.release,
// cpu.model, mitigations.spectre_v2, ...); an unknown fact is absent, never empty.
struct Environment {
  std::map<std::string, std::string> facts;
  std::vector<Capability> capabilities;
  std::uint64_t tsc_khz = 0;

  bool operator==(const Environment&) const = default;
};

struct TargetInfo {
  std::string id;                           // "vm-tcg-6.12.117+deb12-cloud-amd64"
  std::string kind;                         // "vm"
  std::string accel;                        // "tcg" or "kvm"
  std::optional<ClockKind> clock;           // of one that never came up: none
  std::map<std::string, std::string> host;  // qemu.version, cpu_model, command line, compiler, ...
  Environment environment;

  // What the target or else the host told; `otherwise`: neither did.
  std::string fact(const std::string& name, std::string_view otherwise = {}) const {
    for (const auto* facts : {&environment.facts, &host}) {
      if (const auto found = facts->find(name); found != facts->end()) return found->second;
    }
    return std::string(otherwise);
  }

  bool operator==(const TargetInfo&) const = default;
};

}  // namespace probebench::inline model
