// SPDX-License-Identifier: MIT
// Instructions and encodings of x86-64. Others include kernel/arch.h.
#pragma once

#include <sys/io.h>
#include <x86intrin.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/sample.h"

namespace probebench::kernel {

// Unfenced: for who compares readings.
inline std::uint64_t read_clock() {
  return __rdtsc();
}

// Nothing before the first reading moves behind it, and nothing between the two out of them.
inline std::uint64_t begin_clock() {
  _mm_lfence();
  const std::uint64_t ticks = __rdtsc();
  _mm_lfence();
  return ticks;
}
inline std::uint64_t end_clock() {
  unsigned cpu = 0;
  const std::uint64_t ticks = __rdtscp(&cpu);
  _mm_lfence();
  return ticks;
}

// In a loop that waits for another CPU.
inline void relax_cpu() {
  _mm_pause();
}

// Dependent additions: one core clock each on every x86-64 CPU, whatever its neighbours do (Fog, Instruction
// tables: ADD r,r has a latency of 1). Not of a constant: from Golden Cove on Intel's CPUs do several of
// those in a clock, when they rename registers.
inline constexpr int kChainAdditions = 16;
inline void run_chain(std::uint64_t& sum) {
  asm volatile(".rept %c1\n\tadd %0, %0\n\t.endr" : "+r"(sum) : "i"(kChainAdditions) : "cc");
}

// Where records leave: QEMU's second serial port.
inline constexpr const char* kRecordTty = "/dev/ttyS1";

// QEMU's firmware configuration, behind two I/O ports (docs/specs/fw_cfg.txt in QEMU's sources). False, and
// errno: the kernel lets nobody at them.
inline constexpr std::uint16_t kFirmwareSelector = 0x510;
inline constexpr std::uint16_t kFirmwareData = 0x511;
inline bool allow_firmware_ports(bool allow) {
  return ::ioperm(kFirmwareSelector, kFirmwareData - kFirmwareSelector + 1, allow ? 1 : 0) == 0;
}
inline void select_firmware_item(std::uint16_t key) {
  ::outw(key, kFirmwareSelector);
}
inline std::uint8_t read_firmware_byte() {
  return ::inb(kFirmwareData);
}

// Whether text begins with the trap of a probe: int3.
inline bool begins_with_trap(std::span<const std::uint8_t> text) {
  return !text.empty() && text.front() == 0xcc;
}
inline constexpr std::uint8_t kBreakpointOpcode = 0xcc;         // int3
inline constexpr std::size_t kPatchedBytes = 5;                 // the longest patch: a jump or a call
inline constexpr std::size_t kBreakpointLength = sizeof(long);  // that perf wants for an execution breakpoint

// One instruction loads any address.
inline constexpr bool kAddressesHaveParts = false;
// A return is handed to the only user of the function graph by a static call.
inline constexpr bool kGraphUsersAreWalked = false;

// The linker script's symbols around the indirect thunks (arch/x86/kernel/vmlinux.lds.S); kallsyms has them.
inline constexpr const char* kThunksBegin = "__indirect_thunk_start";
inline constexpr const char* kThunksEnd = "__indirect_thunk_end";

// Where ftrace patches a function that begins with `text`: behind endbr64, or what sealing left of it.
std::uint64_t ftrace_location(std::uint64_t function, const Bytes& text);

}  // namespace probebench::kernel
