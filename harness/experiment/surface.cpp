// SPDX-License-Identifier: MIT
#include "experiment/surface.h"

namespace probebench {

SurfacePoint measure_surface_point(const SurfaceSetting& setting, const ExperimentContext& context) {
  SurfacePoint point{.setting = setting};
  point.status = CellStatus::skipped;
  point.reason = context.offer.why_not(Capability::helper_module).message();
  return point;
}

}  // namespace probebench
