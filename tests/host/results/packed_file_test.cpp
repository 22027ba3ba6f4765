// SPDX-License-Identifier: MIT
#include "results/packed_file.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "temporary_directory.h"

namespace probebench::results {
namespace {

TEST(PackedFile, IsReadAsItWasWritten) {
  const TemporaryDirectory folder;
  std::string text;
  for (int line = 0; line < 20000; ++line) text += std::to_string(line * 7919) + "\n";
  for (const auto& content : {text, std::string("{}")}) {
    ASSERT_TRUE(write_packed_file(folder.path() / "a.gz", content));
    ASSERT_TRUE(write_packed_file(folder.path() / "b.gz", content));
    const auto read = read_packed_file(folder.path() / "a.gz");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(*read, content);
    EXPECT_EQ(*read_file(folder.path() / "a.gz"), *read_file(folder.path() / "b.gz"));
  }
  EXPECT_LT(read_file(folder.path() / "a.gz")->size(), text.size());
}

TEST(PackedFile, ThatCannotBeWrittenIsAnError) {
  EXPECT_FALSE(write_packed_file("/nowhere/a.gz", "text"));
}

TEST(PackedFile, CutOffIsSaid) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "a.gz";
  ASSERT_TRUE(write_packed_file(path, std::string(100000, 'x')));
  const auto whole = *read_file(path);
  ASSERT_TRUE(write_file_atomic(path, whole.substr(0, whole.size() / 2)));
  EXPECT_FALSE(read_packed_file(path));
}

}  // namespace
}  // namespace probebench::results
