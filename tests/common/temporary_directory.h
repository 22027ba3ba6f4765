// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "base/file.h"

namespace probebench {

// Created empty, removed by the destructor.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const fs::path& path() const { return path_; }
  // Writes a file below the directory, creating what lies between.
  fs::path write(const fs::path& name, std::string_view content) const;

 private:
  fs::path path_;
};

}  // namespace probebench
