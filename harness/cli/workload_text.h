// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "reproduce/reproduction.h"

namespace probebench {

// Workloads with every mechanism, predicted and measured. Empty where there are none.
std::string workloads_text(const Reproduction& target);

}  // namespace probebench
