// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "text/reproduce_text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

std::size_t count(const std::vector<SurfacePoint>& points, CellStatus status) {
  return static_cast<std::size_t>(std::ranges::count(points, status, &SurfacePoint::status));
}

std::string points_text(const std::vector<SurfacePoint>& points) {
  std::string text =
      fmt::format("surface: {} of {} points measured", count(points, CellStatus::measured), points.size());
  std::set<std::string> reasons;
  for (const auto& point : points) {
    if (point.status != CellStatus::measured) {
      reasons.insert(fmt::format("{}: {}", name_of(point.status), point.reason));
    }
  }
  for (const auto& reason : reasons) text += "; " + reason;
  return wrapped("", text + ".", 2);
}

std::string formula(const reproduce::Fit& fit) {
  const auto lookup = fit.lookup ? fmt::format(" + {:.1f} x probes/64", *fit.lookup) : "";
  return fmt::format("hits x ({:.0f} + handler{})", fit.cost, lookup);
}

std::string fits_text(const std::vector<reproduce::Fit>& fits) {
  std::vector<Column> columns{{"fit", Align::left, {}},
                              {"overhead of an operation", Align::left, {}},
                              {"median", Align::right, {}},
                              {"worst residual", Align::right, {}}};
  std::string notes;
  for (const auto& fit : fits) {
    add_row(columns, {fit.mechanism, formula(fit), fmt::format("{:.1f} %", fit.residual_median_percent),
                      fmt::format("{:.1f} %", fit.residual_max_percent)});
    if (!fit.note.empty()) notes += wrapped("  " + fit.mechanism + ": ", fit.note, 4);
  }
  return fits.empty() ? "" : layout(columns) + notes;
}

// A column of the table of numbers: "100 on path".
struct Number {
  SurfaceLayout layout;
  std::uint32_t probes;
  auto operator<=>(const Number&) const = default;
};

std::string header_of(const Number& number) {
  return number.layout == SurfaceLayout::path ? fmt::format("{} on a path", number.probes)
                                              : std::to_string(number.probes);
}

// Insns per hit beyond the handler, by the number of armed probes.
std::string numbers_text(const std::vector<SurfacePoint>& points) {
  std::map<Number, std::map<std::string, double>> costs;
  std::set<std::string> mechanisms;
  for (const auto& point : points) {
    const auto& setting = point.setting;
    const bool shown = point.status == CellStatus::measured && setting.handler.id == Handler::nop &&
                       setting.layout != SurfaceLayout::one &&
                       (setting.layout != SurfaceLayout::path || setting.probes > 1);
    if (!shown) continue;
    mechanisms.insert(reproduce::mechanism_of(point));
    costs[{setting.layout, setting.probes}][reproduce::mechanism_of(point)] =
        (point.armed_per_op - point.base_per_op) / setting.hits_per_op;
  }
  if (costs.empty()) return {};
  std::vector<Column> columns{{"per hit, of so many armed", Align::left, {}}};
  for (const auto& mechanism : mechanisms) columns[0].cells.push_back(mechanism);
  for (const auto& [number, by_mechanism] : costs) {
    Column column{header_of(number), Align::right, {}};
    for (const auto& mechanism : mechanisms) {
      const auto found = by_mechanism.find(mechanism);
      column.cells.push_back(found == by_mechanism.end() ? "-" : fmt::format("{:.0f}", found->second));
    }
    columns.push_back(std::move(column));
  }
  return layout(columns);
}

constexpr std::array<std::string_view, 7> kSteps{"register", "arm",        "optimize", "hits-until-optimized",
                                                 "disarm",   "unregister", "memory"};
constexpr std::array<std::string_view, 7> kHeaders{"register", "arm",        "jump in", "int3 hits",
                                                   "disarm",   "unregister", "memory"};

std::string value_text(const ControlStep& step) {
  if (step.status != CellStatus::measured) return std::string(name_of(step.status));
  if (step.unit == "clock") return short_number(step.value / step.probes);
  return fmt::format("{} {}", short_number(step.value),
                     step.unit == "hits"    ? ""
                     : step.unit == "bytes" ? "B"
                                            : step.unit);
}

std::string mechanism_name(const std::string& probe_type) {
  return probe_type == "kprobe-optimized" ? "jump" : "int3";
}

using Life = std::map<std::string, const ControlStep*, std::less<>>;

std::string lives_text(const std::vector<ControlStep>& steps) {
  std::map<std::pair<std::string, std::uint32_t>, Life> lives;
  for (const auto& step : steps) lives[{step.probe_type, step.probes}][step.step] = &step;
  if (lives.empty()) return {};
  std::vector<Column> columns{{"each of", Align::left, {}}};
  for (const auto& header : kHeaders) columns.push_back({std::string(header), Align::right, {}});
  for (const auto& [who, life] : lives) {
    columns[0].cells.push_back(fmt::format("{} {}", who.second, mechanism_name(who.first)));
    for (std::size_t i = 0; i < kSteps.size(); ++i) {
      const auto found = life.find(kSteps[i]);
      columns[i + 1].cells.push_back(found == life.end() ? "-" : value_text(*found->second));
    }
  }
  return layout(columns);
}

// One column for each pair of numbers.
std::string misses_text(const std::vector<KretprobeMisses>& misses) {
  if (std::ranges::none_of(misses, [](const auto& one) { return one.status == CellStatus::measured; }))
    return {};
  std::vector<Column> columns{
      {"return probe: maxactive", Align::left, {"active at once", "missed of calls"}}};
  for (const auto& one : misses) {
    const bool measured = one.status == CellStatus::measured;
    columns.push_back({std::to_string(one.maxactive),
                       Align::right,
                       {std::to_string(one.concurrent), measured ? fmt::format("{}/{}", one.missed, one.calls)
                                                                 : std::string(name_of(one.status))}});
  }
  return layout(columns);
}

}  // namespace

std::string surface_text(const reproduce::Reproduction& target) {
  if (target.told.surface.empty()) return {};
  return "\n" + points_text(target.told.surface) + fits_text(target.fits) + numbers_text(target.told.surface);
}

std::string control_plane_text(const reproduce::Reproduction& target) {
  const auto text = lives_text(target.told.control_plane) + misses_text(target.told.kretprobe_misses);
  return text.empty() ? "" : "\n" + text;
}

}  // namespace probebench::text
