// SPDX-License-Identifier: MIT
// Numbers as tables and sentences show them.
#pragma once

#include <string>

namespace probebench::inline base {

// Counts as they are, times with one decimal: "103", "12.5".
std::string number_text(double value);

// From `whole_below` on in thousands or millions: "1234", "57k", "1.2M".
std::string short_number(double value, double whole_below = 10'000);

// "+2", "-1.5", and "=" where there is no difference.
std::string signed_number(double difference);

// "+1.0 %" of a share of 0.01.
std::string signed_percent(double share);

}  // namespace probebench::inline base
