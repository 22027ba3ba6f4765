// SPDX-License-Identifier: MIT
#include "reproduce/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "stats/robust.h"

namespace probebench::reproduce {
namespace {

// KPROBE_TABLE_SIZE in kernel/kprobes.c: kprobes are found by their address in a hash table of so many lists.
constexpr double kBuckets = 64;

// Above this the model is missing something.
constexpr double kGoodResidualPercent = 5;

double probes_in_bucket(const SurfaceSetting& setting) {
  return setting.probes / kBuckets;
}

double overhead_of(const SurfacePoint& point) {
  return point.armed_per_op - point.base_per_op;
}

// What a hit cost beyond its handler.
double mechanism_cost(const SurfacePoint& point) {
  return overhead_of(point) / point.setting.hits_per_op - point.handler_cost;
}

using Points = std::vector<const SurfacePoint*>;

struct Line {
  double at_zero = 0;
  double slope = 0;
};

// Ordinary least squares of the cost of a hit over the number of probes in a bucket.
Line least_squares(const Points& points, bool with_lookup) {
  double mean_x = 0;
  double mean_y = 0;
  for (const auto* point : points) {
    mean_x += probes_in_bucket(point->setting) / static_cast<double>(points.size());
    mean_y += mechanism_cost(*point) / static_cast<double>(points.size());
  }
  double xx = 0;
  double xy = 0;
  for (const auto* point : points) {
    const double x = probes_in_bucket(point->setting) - mean_x;
    xx += x * x;
    xy += x * (mechanism_cost(*point) - mean_y);
  }
  const double slope = with_lookup && xx > 0 ? xy / xx : 0;
  return {mean_y - slope * mean_x, slope};
}

// One value in percent of the overhead for each point.
std::vector<double> residuals(const Fit& fit, const Points& points) {
  std::vector<double> percents;
  for (const auto* point : points) {
    const double overhead = overhead_of(*point);
    const double modelled = modelled_overhead(fit, point->setting, point->handler_cost);
    percents.push_back(overhead == 0 ? 0 : std::abs(overhead - modelled) / std::abs(overhead) * 100);
  }
  return percents;
}

const SurfacePoint& worst_of(const Points& points, const std::vector<double>& percents) {
  return *points[static_cast<std::size_t>(std::ranges::max_element(percents) - percents.begin())];
}

std::string note_of(const Fit& fit, const Points& points, const std::vector<double>& percents) {
  if (fit.residual_max_percent <= kGoodResidualPercent) return {};
  const auto& worst = worst_of(points, percents);
  if (!fit.lookup && worst.setting.probes > 1) {
    return fmt::format("worst with {} armed probes: a hit looks its probe up, in {:.0f} lists",
                       worst.setting.probes, kBuckets);
  }
  return "worst at " + worst.setting.name();
}

Fit fit_points(const std::string& mechanism, const Points& all, bool with_lookup) {
  Points fitted;
  std::ranges::copy_if(all, std::back_inserter(fitted),
                       [&](const auto* one) { return with_lookup || one->setting.probes == 1; });
  const auto line = least_squares(fitted.empty() ? all : fitted, with_lookup);
  Fit fit{.mechanism = mechanism, .cost = line.at_zero, .lookup = {}, .points = all.size(), .note = {}};
  if (with_lookup) fit.lookup = line.slope;
  const auto percents = residuals(fit, all);
  fit.residual_median_percent = stats::median(percents);
  fit.residual_max_percent = *std::ranges::max_element(percents);
  fit.note = note_of(fit, all, percents);
  return fit;
}

bool varies_probes(const Points& points) {
  return std::ranges::any_of(points, [](const auto* one) { return one->setting.probes > 1; });
}

}  // namespace

std::string Fit::model() const {
  return lookup ? "hits x (cost + handler + lookup x probes/64)" : "hits x (cost + handler)";
}

std::string mechanism_of(const SurfacePoint& point) {
  if (point.status == CellStatus::measured) return "kprobe-" + std::string(name_of(point.state));
  return point.setting.jump ? "kprobe-optimized" : "kprobe-unoptimized";
}

double modelled_overhead(const Fit& fit, const SurfaceSetting& setting, double handler_cost) {
  const double lookup = fit.lookup.value_or(0) * probes_in_bucket(setting);
  return setting.hits_per_op * (fit.cost + handler_cost + lookup);
}

std::vector<Fit> fit_surface(const std::vector<SurfacePoint>& points) {
  std::map<std::string, Points> by_mechanism;
  for (const auto& point : points) {
    if (point.status == CellStatus::measured) by_mechanism[mechanism_of(point)].push_back(&point);
  }
  std::vector<Fit> fits;
  for (const auto& [mechanism, measured] : by_mechanism) {
    fits.push_back(fit_points(mechanism, measured, false));
    if (varies_probes(measured)) fits.push_back(fit_points(mechanism, measured, true));
  }
  return fits;
}

}  // namespace probebench::reproduce
