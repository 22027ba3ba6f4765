// SPDX-License-Identifier: MIT
#include "agent/newc_archive.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "temporary_directory.h"

namespace probebench::agent {
namespace {

// What libarchive writes for the host.
std::string newc_member(const std::string& name, unsigned mode, const std::string& content) {
  auto bytes =
      fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", 1,
                  mode, 0, 0, 1, 0, content.size(), 0, 0, 0, 0, name.size() + 1, 0);
  bytes += name + '\0';
  bytes.resize((bytes.size() + 3) / 4 * 4);
  bytes += content;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

class NewcArchive : public ::testing::Test {
 protected:
  const std::string end_ = newc_member("TRAILER!!!", 0, "");
  TemporaryDirectory root_;
};

TEST_F(NewcArchive, PutsDirectoriesAndFilesWithTheirModes) {
  const auto archive = newc_member("probe", S_IFDIR | 0755, "") +
                       newc_member("probe/x.bpf.o", S_IFREG | 0644, "\177ELF1") +
                       newc_member("probe/run", S_IFREG | 0755, std::string(3, '\0')) + end_;
  ASSERT_TRUE(unpack_newc(archive, root_.path()).ok());
  EXPECT_EQ(*read_file(root_.path() / "probe/x.bpf.o"), "\177ELF1");
  EXPECT_EQ(*read_file(root_.path() / "probe/run"), std::string(3, '\0'));
  struct stat info {};
  ASSERT_EQ(::stat((root_.path() / "probe/run").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0755U);
}

TEST_F(NewcArchive, ADirectoryThatIsThereIsFine) {
  const auto directory = newc_member("probe", S_IFDIR | 0755, "");
  EXPECT_TRUE(unpack_newc(directory + directory + end_, root_.path()).ok());
}

TEST_F(NewcArchive, WhatIsCutOffAnywhereIsAnError) {
  const auto archive = newc_member("a", S_IFREG | 0644, "content") + end_;
  for (std::size_t length = 0; length + 4 < archive.size(); ++length) {
    EXPECT_FALSE(unpack_newc(archive.substr(0, length), root_.path()).ok()) << length;
  }
}

TEST_F(NewcArchive, WhatIsNoArchiveIsAnError) {
  EXPECT_FALSE(unpack_newc(std::string(4096, 'x'), root_.path()).ok());
  EXPECT_FALSE(unpack_newc("070701" + std::string(200, 'g'), root_.path()).ok());
}

}  // namespace
}  // namespace probebench::agent
