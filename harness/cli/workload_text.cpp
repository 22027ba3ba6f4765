// SPDX-License-Identifier: MIT
#include "cli/workload_text.h"

#include <fmt/format.h>

namespace probebench {

std::string workloads_text(const Reproduction& target) {
  std::string text;
  for (const auto& workload : target.told.workloads) {
    text += fmt::format("{}: {}\n", workload.name, name_of(workload.status));
  }
  return text;
}

}  // namespace probebench
