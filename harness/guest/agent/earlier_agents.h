// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace probebench::agent {

// Process ids of the agents on the running kernel that were started before this one and have not ended. One
// that is being killed counts until the kernel has closed its files: only then are its probes gone.
std::vector<std::string> earlier_agents(const std::string& proc = "/proc");

// Waits for them to end. Probes belong to the machine: those of another run change the sites of this one.
Status wait_for_earlier_agents(std::chrono::milliseconds deadline);

}  // namespace probebench::agent
