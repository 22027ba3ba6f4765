// SPDX-License-Identifier: MIT
// Who makes the calls to the probe site.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "model/capability.h"

namespace probebench::inline model {

enum class DriverId { module, user, syscall, test_run };

struct DriverInfo {
  DriverId id;
  std::string_view name;  // in cell names
  std::string_view summary;
  std::optional<Capability> needs;  // beside what the probe type needs
};

inline constexpr std::array kDrivers{
    DriverInfo{DriverId::module, "module", "the helper module's loop, interrupts off",
               Capability::helper_module},
    DriverInfo{DriverId::user, "user", "a process calls its own functions", std::nullopt},
    DriverInfo{DriverId::syscall, "syscall", "a process makes a system call", std::nullopt},
    DriverInfo{DriverId::test_run, "test-run", "a BPF program calls a kernel function in a loop",
               Capability::bpf_test_run},
};

constexpr const DriverInfo& info_of(DriverId id) {
  return kDrivers[static_cast<size_t>(id)];
}

}  // namespace probebench::inline model
