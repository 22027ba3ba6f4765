// SPDX-License-Identifier: MIT
#pragma once

#include <toml++/toml.h>

#include <algorithm>
#include <string>

namespace probebench::plan {

// A key of the table that is none of the known ones; empty: there is none.
template <typename Keys>
std::string unknown_key(const toml::table& table, const Keys& known) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(known, key.str()) == known.end()) return std::string(key.str());
  }
  return {};
}

}  // namespace probebench::plan
