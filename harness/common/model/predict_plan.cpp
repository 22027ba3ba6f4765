// SPDX-License-Identifier: MIT
#include "model/predict_plan.h"

#include <algorithm>

#include "model/placement.h"

namespace probebench::inline model {

PlaceKind place_kind(ProbeType probe_type) {
  switch (probe_type) {
    case ProbeType::tracepoint:
    case ProbeType::bpf_tp:
    case ProbeType::raw_tp:
    case ProbeType::tp_btf:
    case ProbeType::tracefs_tracepoint:
      return PlaceKind::event;
    case ProbeType::uprobe:
    case ProbeType::uretprobe:
    case ProbeType::uprobe_multi:
    case ProbeType::usdt:
    case ProbeType::perf_uprobe:
    case ProbeType::perf_uretprobe:
    case ProbeType::tracefs_uprobe:
    case ProbeType::tracefs_uretprobe:
      return PlaceKind::file;
    default:
      return PlaceKind::function;
  }
}

bool goes_past_entry(ProbeType probe_type) {
  return std::ranges::none_of(kPlacements, [&](const Placement& placement) {
    const bool begins = placement.site == SiteId::entry || placement.site == SiteId::notrace ||
                        placement.driver != DriverId::module;
    return placement.probe_type == probe_type && begins;
  });
}

}  // namespace probebench::inline model
