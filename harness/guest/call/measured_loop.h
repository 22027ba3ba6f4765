// SPDX-License-Identifier: MIT
// The code that user space times: in assembly, so that no compiler and no optimization level changes what a
// turn costs. The figures are counted from the code by tests/guest/call/measured_loop_test.cpp.
#pragma once

#include <cstdint>

#include "call/user_sites.h"

extern "C" {
// Calls `function` so many times; `stamps` are the fenced TSC just before and just after.
void pb_measured_loop(probebench::call::UserFunction function, std::uint32_t calls, std::uint64_t stamps[2]);
// The system call by itself: what the C library puts around it differs between its releases.
void pb_call_getpgid();
}

namespace probebench::call {

// Executed instructions of one turn of pb_measured_loop(), without the function's: call, add, cmp, jne.
inline constexpr std::uint32_t kTurnInsns = 4;
// Of pb_call_getpgid(), in user space: mov, xor, syscall, ret.
inline constexpr std::uint32_t kGetpgidInsns = 4;

}  // namespace probebench::call
