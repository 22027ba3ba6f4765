// SPDX-License-Identifier: MIT
#include "kernels/file_list.h"

#include <gtest/gtest.h>

#include "kernels_fixture.h"

namespace probebench::kernels {
namespace {

TEST(FileList, IsWhatItWasWrittenFrom) {
  const TemporaryDirectory directory;
  directory.write("a b/c", "content");
  directory.write("skipped", "x");
  fs::create_symlink("a b", directory.path() / "link");
  const auto files = list_tree(directory.path(), {"skipped"});
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].path, "a b/c");
  EXPECT_EQ((*files)[0].size, 7U);
  EXPECT_EQ((*files)[0].sha256, "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
  EXPECT_EQ((*files)[1].path, "link");
  EXPECT_TRUE((*files)[1].link);
  const auto again = parse_file_list(text_of(*files));
  ASSERT_TRUE(again);
  EXPECT_EQ(text_of(*again), text_of(*files));
  EXPECT_EQ(damage_of(directory.path(), *again, Depth::whole), "");
  fs::remove(directory.path() / "link");
  fs::create_symlink("c d", directory.path() / "link");
  EXPECT_EQ(damage_of(directory.path(), *again, Depth::whole), "link was changed");
}

TEST(FileList, AGarbledLineIsNamed) {
  const std::string good = "f " + std::string(64, 'a') + " 1 2 path\n";
  EXPECT_TRUE(parse_file_list(good));
  EXPECT_TRUE(parse_file_list(""));
  const std::string head = "f " + std::string(64, 'a');
  for (const std::string& bad : std::vector<std::string>{
           "x", "", "f", "f  1 2 path", "d" + good.substr(1, good.size() - 2), head + " 1 2",
           head + " -1 2 path", head + " 1 x path", head + " 99999999999999999999 2 path"}) {
    const auto files = parse_file_list(good + bad + "\n");
    ASSERT_FALSE(files) << bad;
    EXPECT_EQ(files.error().what, "line 2 is not a file's") << bad;
  }
}

TEST(FileList, ANameThatLeadsOutIsNotFollowed) {
  const TemporaryDirectory directory;
  directory.write("in/x", "x");
  directory.write("out", "y");
  auto outside = *list_file(directory.path(), "out");
  for (const char* path : {"../out", "/etc/hostname", "", "a//b", "."}) {
    outside.path = path;
    EXPECT_NE(damage_of(directory.path() / "in", outside, Depth::whole).find("cannot name a file"),
              std::string::npos)
        << path;
  }
}

TEST(FileList, TimesOnlySpareReading) {
  const TemporaryDirectory directory;
  const auto file = directory.write("x", "content");
  const auto listed = *list_file(directory.path(), "x");
  const auto time = fs::last_write_time(file);
  fs::last_write_time(file, time + std::chrono::hours(1));
  EXPECT_EQ(damage_of(directory.path(), listed, Depth::if_newer), "");
  ASSERT_TRUE(write_file_atomic(file, "CONTENT"));
  EXPECT_EQ(damage_of(directory.path(), listed, Depth::if_newer), "x was changed");
  fs::last_write_time(file, time);
  EXPECT_EQ(damage_of(directory.path(), listed, Depth::if_newer), "");
  EXPECT_EQ(damage_of(directory.path(), listed, Depth::whole), "x was changed");
}

}  // namespace
}  // namespace probebench::kernels
