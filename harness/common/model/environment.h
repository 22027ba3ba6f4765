// SPDX-License-Identifier: MIT
// The recorded facts of a target, and of the host that drove it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/capability.h"
#include "model/clock.h"

namespace probebench::inline model {

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
