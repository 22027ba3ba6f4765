// SPDX-License-Identifier: MIT
// Instructions and encodings of arm64. Others include kernel/arch.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/arm64_words.h"
#include "model/sample.h"

namespace probebench::kernel {

// Unfenced: for who compares readings.
inline std::uint64_t read_clock() {
  std::uint64_t ticks = 0;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
}

// Nothing before the first reading moves behind it, and nothing between the two out of them.
inline std::uint64_t begin_clock() {
  std::uint64_t ticks = 0;
  asm volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks) : : "memory");
  return ticks;
}
inline std::uint64_t end_clock() {
  return begin_clock();
}

// In a loop that waits for another CPU.
inline void relax_cpu() {
  asm volatile("yield");
}

// Dependent additions: one core clock each.
inline constexpr int kChainAdditions = 16;
inline void run_chain(std::uint64_t& sum) {
  asm volatile(".rept %c1\n\tadd %0, %0, %0\n\t.endr" : "+r"(sum) : "i"(kChainAdditions) : "cc");
}

// Where records leave: a serial port on the PCI bus. The board's own, a PL011, is the console.
inline constexpr const char* kRecordTty = "/dev/ttyS0";

// QEMU's firmware configuration, in memory of the board `virt` (docs/specs/fw_cfg.txt in QEMU's sources).
// False, and errno: the board has none, or the kernel lets nobody at it.
bool allow_firmware_ports(bool allow);
void select_firmware_item(std::uint16_t key);
std::uint8_t read_firmware_byte();

// Whether text begins with the trap of a kprobe.
inline bool begins_with_trap(std::span<const std::uint8_t> text) {
  return arm64::word_at(text) == arm64::kKprobeTrap;
}
inline constexpr std::uint8_t kBreakpointOpcode = 0xd4;  // the last byte of brk
inline constexpr std::size_t kPatchedBytes = 4;          // one instruction
inline constexpr std::size_t kBreakpointLength = 4;      // that perf wants for an execution breakpoint

// An address takes as many instructions to load as it has parts that are not zero.
inline constexpr bool kAddressesHaveParts = true;
// There are no static calls: a return looks for its users among the indices of the function graph.
inline constexpr bool kGraphUsersAreWalked = true;

// There are no indirect thunks.
inline constexpr const char* kThunksBegin = "";
inline constexpr const char* kThunksEnd = "";

// Where ftrace patches a function that begins with `text`: the second of two instructions, behind bti.
std::uint64_t ftrace_location(std::uint64_t function, const Bytes& text);

}  // namespace probebench::kernel
