// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

namespace probebench::results {

// "2024-01-31T12:00:00Z"
std::string iso8601_utc(std::chrono::system_clock::time_point when);

// "20240131T120000Z": sorts by time and needs no quoting in a shell.
std::string compact_utc(std::chrono::system_clock::time_point when);

}  // namespace probebench::results
