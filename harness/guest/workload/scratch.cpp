// SPDX-License-Identifier: MIT
#include "workload/scratch.h"

#include <cstdlib>
#include <string>
#include <utility>

namespace probebench::workload {

Result<Scratch> Scratch::make() {
  std::error_code unknown;
  const auto temporary = std::filesystem::temp_directory_path(unknown);
  std::string path = (temporary / "probebench-work.XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) return errno_error(Fault::cell, "make a directory " + path);
  return Scratch(path);
}

Scratch::Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}

Scratch& Scratch::operator=(Scratch&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

Scratch::~Scratch() {
  std::error_code ignored;  // nobody is left to be told
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace probebench::workload
