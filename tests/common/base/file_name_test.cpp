// SPDX-License-Identifier: MIT
#include "base/file_name.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace probebench
