// SPDX-License-Identifier: MIT
// Facts of the running machine, read or measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace probebench::kernel {

// How fast the TSC and the core run.

// The TSC's frequency, measured against CLOCK_MONOTONIC_RAW over some 50 ms: the kernel tells its own figure
// to nobody.
std::uint64_t measure_tsc_khz();

// How fast the core runs, where no counter says it: a chain of dependent additions takes one core clock each
// (kernel/arch.h), while the TSC goes on at its own fixed rate.

// TSC ticks that one core clock takes now, on the CPU that asks: 20 microseconds of work. A disturbance only
// adds, so the shortest of several chains is taken.
double ticks_per_core_clock();

// The facts of the running kernel and machine, by name (docs/results-schema.md lists them). A fact that
// cannot be read is absent. `root` stands before every path, so that captured trees can be read in tests.
std::map<std::string, std::string> read_environment(const std::filesystem::path& root = "/");

}  // namespace probebench::kernel
