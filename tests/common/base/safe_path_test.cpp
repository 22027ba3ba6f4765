// SPDX-License-Identifier: MIT
#include "base/safe_path.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "temporary_directory.h"

namespace probebench {
namespace {

TEST(FileName, WhatIsOneStaysAsItIs) {
  for (const std::string name : {"6.12.117+deb12-cloud-amd64", "vm-tcg-6.1+mitigations=off#2", "...", ".a",
                                 "a..b", "-x", "with blank", "\xc3\xa4"}) {
    const auto taken = file_name_of(name, "a name");
    ASSERT_TRUE(taken) << taken.error().message();
    EXPECT_EQ(*taken, name);
  }
  EXPECT_TRUE(file_name_of(std::string(kLongestFileName, 'x'), "a name"));
}

TEST(FileName, WhatIsNoneIsOneLineThatNamesTheInput) {
  using namespace std::string_literals;
  struct Case {
    std::string text;
    std::string said;
  };
  for (const auto& [text, said] : {
           Case{"", "release in names.json '' cannot name a file: it is empty"},
           Case{".", "release in names.json '.' cannot name a file: it names a directory"},
           Case{"..", "release in names.json '..' cannot name a file: it names a directory"},
           Case{"a/b", "release in names.json 'a/b' cannot name a file: it has a '/' in it"},
           Case{"/", "release in names.json '/' cannot name a file: it has a '/' in it"},
           Case{"../../../victim",
                "release in names.json '../../../victim' cannot name a file: it has a '/' in it"},
           Case{"a\nb",
                "release in names.json 'a\\x0ab' cannot name a file: it has a control character in it"},
           Case{"a\0b"s,
                "release in names.json 'a\\x00b' cannot name a file: it has a control character in it"},
           Case{"\x1b[2J",
                "release in names.json '\\x1b[2J' cannot name a file: it has a control character in it"},
           Case{"\x7f", "release in names.json '\\x7f' cannot name a file: it has a control character in it"},
           Case{std::string(300, 'x'), "release in names.json '" + std::string(60, 'x') +
                                           "...' cannot name a file: it has 300 bytes, at most 200 will do"},
       }) {
    const auto taken = file_name_of(text, "release in names.json");
    ASSERT_FALSE(taken) << text;
    EXPECT_EQ(taken.error().message(), said);
    EXPECT_EQ(taken.error().fault, Fault::infra);
  }
  EXPECT_EQ(file_name_of("..", "x", Fault::usage).error().fault, Fault::usage);
}

TEST(FileName, ARelativePathStaysBelow) {
  EXPECT_EQ(*relative_path_of("root/boot/vmlinuz-6.1", "path"), "root/boot/vmlinuz-6.1");
  EXPECT_EQ(*relative_path_of("vmlinux", "path"), "vmlinux");
  for (const auto* text :
       {"", "/", "/etc/passwd", "a/../../b", "../a", "a/..", "a//b", "a/", "./a", "a/\n"}) {
    EXPECT_FALSE(relative_path_of(text, "path")) << text;
  }
  EXPECT_EQ(relative_path_of("a/../b", "path", Fault::usage).error().message(),
            "path 'a/../b' cannot name a file: in '..' it names a directory");
}

// root/in is the tree to work below, root/out what nothing may touch.
class DirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    in_ = root_ / "in";
    for (const char* path : {"in/a/b/c", "out/d"}) fs::create_directories(root_ / path);
    for (const char* path : {"in/a/f", "in/a/b/c/f", "out/precious", "out/d/precious"}) {
      ASSERT_TRUE(write_file_atomic(root_ / path, "kept"));
    }
  }

  bool outside_is_whole() const {
    return fs::exists(root_ / "out/precious") && fs::exists(root_ / "out/d/precious");
  }

  const TemporaryDirectory directory_;
  const fs::path root_ = directory_.path();
  fs::path in_;
};

TEST_F(DirectoryTest, ATreeIsRemovedAndNothingBeside) {
  fs::create_directories(in_ / "other");
  ASSERT_TRUE(remove_below(in_, "a"));
  EXPECT_FALSE(fs::exists(in_ / "a"));
  EXPECT_TRUE(fs::exists(in_ / "other"));
  ASSERT_TRUE(remove_below(in_, "a"));         // again: it is absent
  ASSERT_TRUE(remove_below(in_, "no/where"));  // and so is its parent
}

TEST_F(DirectoryTest, FilesFifosAndLinksAreRemovedThemselves) {
  fs::create_symlink(root_ / "out", in_ / "a/link");
  fs::create_symlink("nowhere", in_ / "a/dangling");
  ASSERT_EQ(::mkfifo((in_ / "a/fifo").c_str(), 0600), 0);
  ASSERT_TRUE(remove_below(in_, "a/f"));
  EXPECT_FALSE(fs::exists(in_ / "a/f"));
  ASSERT_TRUE(remove_below(in_, "a"));
  EXPECT_TRUE(fs::is_empty(in_));
  EXPECT_TRUE(outside_is_whole());
  fs::create_symlink(root_ / "out", in_ / "top");
  ASSERT_TRUE(remove_below(in_, "top"));
  EXPECT_FALSE(fs::is_symlink(in_ / "top"));
  EXPECT_TRUE(outside_is_whole());
}

TEST_F(DirectoryTest, NothingOutsideIsReached) {
  fs::create_symlink(root_ / "out", in_ / "link");
  for (const fs::path path :
       {"../out", "..", ".", "", "a/..", "a/../../out/d", "link/d", "link/precious", "a/"}) {
    EXPECT_FALSE(remove_below(in_, path)) << path;
  }
  EXPECT_FALSE(remove_below(in_, root_ / "out/d"));
  EXPECT_TRUE(outside_is_whole());
  EXPECT_TRUE(fs::exists(in_ / "a/b/c/f"));
}

TEST_F(DirectoryTest, TheRootItselfMayBeALink) {
  fs::create_symlink(in_, root_ / "cache");
  ASSERT_TRUE(remove_below(root_ / "cache", "a"));
  EXPECT_TRUE(fs::is_empty(in_));
}

TEST_F(DirectoryTest, WithoutOpenat2TheSameHolds) {
  fs::create_symlink(root_ / "out", in_ / "link");
  const UniqueFd top(::open(in_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(open_part_by_part(top.get(), "a/b/c"));
  EXPECT_TRUE(open_part_by_part(top.get(), "."));
  for (const fs::path path : {"..", "a/../..", "link", "link/d", "a/f", "nowhere"}) {
    EXPECT_FALSE(open_part_by_part(top.get(), path)) << path;
  }
  EXPECT_FALSE(open_part_by_part(top.get(), root_ / "out"));
  EXPECT_TRUE(open_below(in_, "a/b/c"));
  EXPECT_EQ(open_below(in_, "link").error().err, ELOOP);
  EXPECT_EQ(open_below(in_, "../out").error().err, EXDEV);
}

}  // namespace

}  // namespace probebench
