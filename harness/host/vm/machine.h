// SPDX-License-Identifier: MIT
// The machine that QEMU is for each architecture.
#pragma once

#include <array>
#include <string_view>

#include "model/arch.h"

namespace probebench::vm {

struct Machine {
  ArchId arch;
  const char* qemu;      // the program
  const char* package;   // of Debian, that has it
  const char* board;     // -machine
  const char* features;  // of any CPU model
  const char* console;   // of the guest's command line, with what else the board wants there
};

inline constexpr std::array kMachines{
    // `pc` boots faster than q35 and microvm.
    Machine{ArchId::x86_64, "qemu-system-x86_64", "qemu-system-x86", "pc", "", "ttyS0,115200"},
    // The clock ticks once an instruction, as the TSC does; by default it would tick every sixteenth. The PMU
    // counts the same, and the module does not read it.
    Machine{ArchId::arm64, "qemu-system-aarch64", "qemu-system-arm", "virt", "cntfrq=1000000000,pmu=off",
            "ttyAMA0"},
};

constexpr const Machine& machine_of(ArchId arch) {
  return kMachines[static_cast<std::size_t>(arch)];
}

}  // namespace probebench::vm
