// SPDX-License-Identifier: MIT
// The surface as a formula: overhead = hits x (mechanism + handler), and what its residuals say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/experiment.h"

namespace probebench::reproduce {

struct Fit {
  std::string mechanism;
  double cost = 0;               // of the mechanism by itself, per hit
  std::optional<double> lookup;  // per hit, for each armed probe in the same bucket; absent: not in the model
  std::size_t points = 0;
  double residual_median_percent = 0;  // of the overhead, over all points
  double residual_max_percent = 0;
  std::string note;

  std::string model() const;
};

// Of the measured points of each mechanism: first without, then with the number of armed probes.
std::vector<Fit> fit_surface(const std::vector<SurfacePoint>& points);

// The overhead of an operation as the fit has it.
double modelled_overhead(const Fit& fit, const SurfaceSetting& setting, double handler_cost);

// The probe type that a surface point turned out to be: "kprobe-stepped", "kprobe-boosted",
// "kprobe-optimized"; of one that was not measured, what was asked for.
std::string mechanism_of(const SurfacePoint& point);

}  // namespace probebench::reproduce
