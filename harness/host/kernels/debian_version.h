// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <string_view>

namespace probebench::kernels {

// The order of Debian package versions [epoch:]upstream[-revision] (deb-version(7)). Asking dpkg costs a
// process per comparison, seconds for a mirror's list of kernels.
std::strong_ordering compare_debian_versions(std::string_view a, std::string_view b);

}  // namespace probebench::kernels
