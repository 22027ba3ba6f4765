// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <fmt/format.h>

#include <cmath>

namespace probebench::inline base {

std::string number_text(double value) {
  return fmt::format("{:.{}f}", value, value == std::round(value) ? 0 : 1);
}

std::string short_number(double value, double whole_below) {
  constexpr double kThousand = 1e3;
  constexpr double kMillion = 1e6;
  if (value < whole_below) return fmt::format("{:.0f}", value);
  if (value < kMillion) return fmt::format("{:.0f}k", value / kThousand);
  return fmt::format("{:.1f}M", value / kMillion);
}

std::string signed_number(double difference) {
  if (difference == 0) return "=";
  return (difference > 0 ? "+" : "") + number_text(difference);
}

std::string signed_percent(double share) {
  return fmt::format("{:+.1f} %", 100 * share);
}

}  // namespace probebench::inline base
