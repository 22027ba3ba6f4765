// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace probebench::workload {

// A directory for one work's files; the destructor removes it with all that is in it.
class Scratch {
 public:
  static Result<Scratch> make();

  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&& other) noexcept;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;  // empty: moved from
};

}  // namespace probebench::workload
