// SPDX-License-Identifier: MIT
// The threads of QEMU that are the guest's CPUs under KVM. Only they need a CPU of their own: what serves the
// guest had better run beside them.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/file.h"
#include "base/quiet_cpu.h"

namespace probebench::vm {

// By their names, which QEMU gives them with `debug-threads=on`; in the order of the guest's CPUs.
std::vector<pid_t> vcpu_threads(pid_t qemu, const fs::path& proc = "/proc");

// Keeps each of the guest's CPUs on one of `cpus`; false: there are not as many, or this may not be.
bool keep_vcpus_on(const Cpus& cpus, const std::vector<pid_t>& threads);

}  // namespace probebench::vm
