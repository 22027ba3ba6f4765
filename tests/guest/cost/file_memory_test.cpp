// SPDX-License-Identifier: MIT
#include "cost/file_memory.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "temporary_directory.h"

namespace probebench::cost {
namespace {

constexpr const char* kCache = "sys/kernel/slab/filp/";

// A kernel's settings of the cache, with so many files to a slab.
void write_cache(const TemporaryDirectory& root, const char* at_once, const char* of_slab) {
  const std::string cache = kCache;
  root.write(cache + "destroy_by_rcu", at_once);
  root.write(cache + "objs_per_slab", of_slab);
  root.write(cache + "cpu_partial", "30\n");
  root.write(cache + "shrink", "");
}

TEST(FileMemory, IsLateBeforeLinux67) {
  const TemporaryDirectory root;
  write_cache(root, "0\n", "16\n");
  const FileMemory files(root.path());
  EXPECT_TRUE(files.is_late());
  EXPECT_EQ(files.whole_slabs(75), 64u);
  EXPECT_EQ(files.whole_slabs(64), 64u);
  EXPECT_EQ(files.whole_slabs(12), 12u) << "fewer than a slab has";
  int waited = 0;
  EXPECT_TRUE(files.level([&] { ++waited; }));
  EXPECT_EQ(waited, 1);
  EXPECT_EQ(*read_file(root.path() / kCache / "shrink"), "1");
  EXPECT_EQ(read_file(root.path() / kCache / "cpu_partial")->substr(0, 4), "8192");
}

TEST(FileMemory, IsLeftAloneWhereItIsUsedAgainAtOnce) {
  const TemporaryDirectory root;
  write_cache(root, "1\n", "16\n");
  for (const auto& files : {FileMemory(root.path()), FileMemory("/no/such/root")}) {
    EXPECT_FALSE(files.is_late());
    EXPECT_EQ(files.whole_slabs(75), 75u);
    EXPECT_TRUE(files.level([] { FAIL() << "there is nothing to wait for"; }));
  }
  EXPECT_EQ(*read_file(root.path() / kCache / "shrink"), "");
}

TEST(FileMemory, SaysWhichSettingTheKernelRefuses) {
  const TemporaryDirectory root;
  root.write(std::string(kCache) + "destroy_by_rcu", "0\n");
  const auto status = FileMemory(root.path()).level([] {});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().what.find("cpu_partial"), std::string::npos) << status.error().what;
}

}  // namespace
}  // namespace probebench::cost
