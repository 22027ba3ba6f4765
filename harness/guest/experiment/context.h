// SPDX-License-Identifier: MIT
// What every experiment of `reproduce` works with, inside the target.
#pragma once

#include <functional>

#include "kernel/control.h"
#include "model/cell.h"
#include "model/experiment.h"
#include "offer/offer.h"

namespace probebench::experiment {

struct ExperimentContext {
  const kernel::Control* control = nullptr;  // null: the helper module is not loaded here
  offer::Offer offer;
  kernel::RigLimits limits;
  std::uint64_t tsc_khz = 0;
  ClockKind clock = ClockKind::instructions;
  std::function<void(const ExperimentRecord&)> tell;
};

}  // namespace probebench::experiment
