// SPDX-License-Identifier: MIT
#include "temporary_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace probebench {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (fs::temp_directory_path() / "probebench-test-XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code failure;
  if (!path_.empty()) fs::remove_all(path_, failure);
}

fs::path TemporaryDirectory::write(const fs::path& name, std::string_view content) const {
  const fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  EXPECT_TRUE(write_file_atomic(file, content));
  return file;
}

}  // namespace probebench
