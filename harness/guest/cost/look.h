// SPDX-License-Identifier: MIT
// All that the kernel lists, BPF's included.
#pragma once

#include <chrono>
#include <vector>

#include "model/cost.h"

namespace probebench::cost {

// The kernel optimizes kprobes, and frees what was detached, a while later. An idle guest's time is free.
inline constexpr std::chrono::milliseconds kSettle{100};
inline constexpr int kSettleTries = 20;

std::vector<ListedProbe> look();
// Until two looks are the same.
std::vector<ListedProbe> settled_look();

}  // namespace probebench::cost
