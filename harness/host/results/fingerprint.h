// SPDX-License-Identifier: MIT
// Which targets may be compared: those whose fingerprints are equal.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "model/environment.h"

namespace probebench::results {

// Facts that change what a hit costs. Only strings that two boots of the same target agree in: no MHz, no
// bogomips, no boot time. A name that ends in '.' stands for all facts that begin with it. Looked up in the
// target's own facts first, then in the host's.
inline constexpr std::array<std::string_view, 13> kFingerprintFacts{
    "kernel.release", "kernel.version", "kernel.package_version", "kernel.cmdline",
    "cpu.model",      "cpu.microcode",  "mitigations.",           "qemu.version",
    "qemu.cpu_model", "qemu.icount",    "module.sha256",          "compiler.version",
    "arch",
};

// Those of the target's facts that the fingerprint is made of, beside kind, accel and clock.
std::map<std::string, std::string> fingerprint_facts(const TargetInfo& target);

// 16 hex digits of a SHA-256 over kind, accel, clock and the facts above, one "name=value" line each.
std::string fingerprint(const TargetInfo& target);

}  // namespace probebench::results
