// SPDX-License-Identifier: MIT
#include "reproduce/reproduction.h"

namespace probebench {

std::string mechanism_of(const SurfacePoint& point) {
  if (point.status != CellStatus::measured)
    return point.setting.jump ? "kprobe-optimized" : "kprobe-unoptimized";
  return "kprobe-" + std::string(name_of(point.state));
}

Reproduction reproduction_of(const TargetRecord& target, const std::vector<CellRecord>& cells,
                             Experiments told) {
  Reproduction made;
  made.target = target;
  made.exact = target.info.clock == "instructions";
  made.per_hit = per_hit_of(cells);
  made.told = std::move(told);
  return made;
}

}  // namespace probebench
