// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace probebench::workload {

// Some hundred instructions and a table: as much as a small function of a compiler's output.
std::string assembly_source();

}  // namespace probebench::workload
