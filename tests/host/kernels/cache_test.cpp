// SPDX-License-Identifier: MIT
#include "kernels/cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "store_fixture.h"

namespace probebench::kernels {
namespace {

// Names in the cache, which anybody may have written.
class CacheNames : public Store {
 protected:
  void SetUp() override {
    Store::SetUp();
    for (const char* path : {"victim/precious", "cache/precious", "cache/kernels/precious"}) {
      machine_.write(path, "precious");
    }
  }

  // With names.json as given the kernel is looked for anew, and nothing that is not a kernel's is touched.
  void expect_looked_up(const std::string& names) {
    machine_.write("cache/kernels/names.json", names);
    const auto kernel = provide("6.1");
    ASSERT_TRUE(kernel) << names << kernel.error().message();
    EXPECT_EQ(kernel->release, "6.1.0-1-cloud-amd64");
    EXPECT_TRUE(steps_.mentions("looking for kernel 6.1")) << names;
    for (const char* path : {"victim/precious", "cache/precious", "cache/kernels/precious"}) {
      EXPECT_TRUE(fs::exists(machine_.path() / path)) << names;
    }
  }
};

TEST_F(CacheNames, AReleaseThatIsNoNameLeadsNowhere) {
  for (const char* release :
       {"../../victim", "../../../victim", "..", ".", "", "a/../../../victim", "a\\nb"}) {
    expect_looked_up(fmt::format(R"({{"6.1": {{"release": "{}", "note": ""}}}})", release));
    EXPECT_TRUE(steps_.mentions("names.json: release of 6.1 '")) << release;
  }
  expect_looked_up(R"({"6.1": {"release": ")" + (machine_.path() / "victim").string() + "\"}}");
  expect_looked_up(R"({"6.1": {"release": ")" + std::string(300, 'x') + "\"}}");
  EXPECT_TRUE(steps_.mentions("it has 300 bytes"));
}

TEST_F(CacheNames, WhatIsOfAnotherTypeIsLookedUpAnew) {
  for (const char* names : {R"({"6.1":{"release":5,"note":[]}})", R"({"6.1":{"release":null}})",
                            R"({"6.1":{}})", R"({"6.1":{"release":{"a":1}}})", R"({"6.1":[]})",
                            R"({"6.1":"6.1"})", "[]", "5", "\"6.1\"", "{\"6.1\":{\"release\":\"\xff\"}}"}) {
    expect_looked_up(names);
  }
  ASSERT_TRUE(provide("6.1"));
  machine_.write("cache/kernels/names.json", R"({"6.1":{"release":"6.1.0-1-cloud-amd64","note":[]}})");
  EXPECT_EQ(provide("6.1")->note, "");
}

TEST_F(CacheNames, ADamagedKernelThatIsALinkLosesOnlyTheLink) {
  fs::create_directory_symlink(machine_.path() / "victim",
                               machine_.path() / "cache/kernels/6.1.0-1-cloud-amd64");
  expect_looked_up(R"({"6.1": {"release": "6.1.0-1-cloud-amd64", "note": ""}})");
  EXPECT_FALSE(fs::is_symlink(machine_.path() / "cache/kernels/6.1.0-1-cloud-amd64"));
}

TEST_F(CacheNames, LinksOnTheWayAreNotFollowed) {
  machine_.write("victim/6.1.0-1-cloud-amd64/precious", "precious");
  machine_.write("victim/.partial-1/precious", "precious");
  machine_.write("victim/names.json", R"({"6.1": {"release": "6.1.0-1-cloud-amd64", "note": ""}})");
  fs::remove_all(machine_.path() / "cache/kernels");
  fs::create_directory_symlink(machine_.path() / "victim", machine_.path() / "cache/kernels");
  const auto kernel = provide("6.1");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().err, ELOOP);
  EXPECT_TRUE(fs::exists(machine_.path() / "victim/6.1.0-1-cloud-amd64/precious"));
  EXPECT_TRUE(fs::exists(machine_.path() / "victim/.partial-1/precious"));
}

TEST_F(CacheNames, AManifestNamesOnlyWhatLiesBelow) {
  const auto path = provide("6.1")->image.parent_path().parent_path().parent_path() / "manifest.json";
  const auto good = *read_file(path);
  ASSERT_NE(good.find("\"root/boot/vmlinuz-6.1.0-1-cloud-amd64\""), std::string::npos);
  for (const char* bad : {"/etc/hostname", "../../../victim/precious", "root/../../x", ".."}) {
    auto text = good;
    const std::string image = "root/boot/vmlinuz-6.1.0-1-cloud-amd64";
    for (auto at = text.find(image); at != std::string::npos; at = text.find(image))
      text.replace(at, image.size(), bad);
    ASSERT_TRUE(write_file_atomic(path, text));
    ASSERT_TRUE(provide("6.1"));
    EXPECT_TRUE(steps_.mentions("is damaged: its path '")) << bad;
  }
  auto release = good;
  release.replace(release.find("\"release\": \"") + 12, 5, "../6.");
  ASSERT_TRUE(write_file_atomic(path, release));
  ASSERT_TRUE(provide("6.1"));
  EXPECT_TRUE(steps_.mentions("is damaged: its release '"));
}

TEST(Cache, UnusableDirectoryIsOneLine) {
  const TemporaryDirectory directory;
  const auto file = directory.write("file", "");
  RecordedSteps steps;
  const auto lock = CacheLock::acquire(file / "cache", steps);
  ASSERT_FALSE(lock);
  EXPECT_NE(lock.error().message().find("set XDG_CACHE_HOME to a writable directory"), std::string::npos);
}

class Scratch : public ::testing::Test {
 protected:
  CacheLock lock() {
    auto held = CacheLock::acquire(cache_.path(), steps_);
    EXPECT_TRUE(held);
    return *std::move(held);
  }

  TemporaryDirectory cache_;
  RecordedSteps steps_;
};

TEST_F(Scratch, VanishesUnlessPublished) {
  const auto held = lock();
  fs::path scratch_path;
  {
    const auto scratch = ScratchDirectory::make(held, "part");
    ASSERT_TRUE(scratch);
    scratch_path = scratch->path();
    EXPECT_TRUE(fs::exists(scratch_path));
  }
  EXPECT_FALSE(fs::exists(scratch_path));
  auto scratch = ScratchDirectory::make(held, "part");
  cache_.write("part/final/old", "");
  for (const char* name : {"", ".", "..", "../other", "a/b"}) {
    EXPECT_FALSE(scratch->publish(held, name)) << name;
  }
  ASSERT_TRUE(scratch->publish(held, "final"));
  EXPECT_TRUE(fs::exists(cache_.path() / "part/final"));
  EXPECT_FALSE(fs::exists(cache_.path() / "part/final/old"));
}

TEST_F(Scratch, LeavesWhatAnotherPublishedMeanwhile) {
  const auto held = lock();
  const auto is_sound = [](const fs::path& there) { return fs::exists(there / "whole"); };
  for (const bool whole : {true, false}) {
    auto scratch = ScratchDirectory::make(held, "part");
    ASSERT_TRUE(scratch);
    const auto own = scratch->path();
    cache_.write(whole ? "part/of-two/whole" : "part/of-one/half", "");
    ASSERT_TRUE(scratch->publish_unless(is_sound, held, whole ? "of-two" : "of-one"));
    EXPECT_EQ(fs::exists(own), whole);  // goes with its owner, or is published
  }
  EXPECT_TRUE(fs::exists(cache_.path() / "part/of-two/whole"));
  EXPECT_FALSE(fs::exists(cache_.path() / "part/of-one/half"));
}

TEST_F(Scratch, OnlyOneThatNobodyWorksInIsALeftover) {
  const auto held = lock();
  const auto mine = ScratchDirectory::make(held, "part");
  cache_.write("part/.partial-0/x", "of a killed run");
  cache_.write("part/.partial-1", "a file");
  const auto another = ScratchDirectory::make(held, "part");
  EXPECT_TRUE(fs::exists(mine->path()));
  EXPECT_TRUE(fs::exists(another->path()));
  EXPECT_FALSE(fs::exists(cache_.path() / "part/.partial-0"));
  EXPECT_FALSE(fs::exists(cache_.path() / "part/.partial-1"));
}

TEST_F(Scratch, BeginsWithWhatWasKeptAndHasItAlone) {
  const auto held = lock();
  cache_.write("part/lists/a", "kept");
  auto first = ScratchDirectory::take(held, "part", "lists");
  ASSERT_TRUE(first);
  EXPECT_EQ(*read_file(first->path() / "a"), "kept");
  const auto second = ScratchDirectory::take(held, "part", "lists");
  ASSERT_TRUE(second);
  EXPECT_TRUE(fs::is_empty(second->path()));
  EXPECT_TRUE(fs::exists(first->path()));
  ASSERT_TRUE(first->publish(held, "lists"));
  EXPECT_EQ(*read_file(cache_.path() / "part/lists/a"), "kept");
}

TEST_F(Scratch, NeitherItselfNorWhatIsInItIsALink) {
  const TemporaryDirectory outside;
  const auto held = lock();
  fs::create_directories(cache_.path() / "part");
  fs::create_directory_symlink(outside.path(), cache_.path() / "part/lists");
  const auto scratch = ScratchDirectory::take(held, "part", "lists");
  ASSERT_TRUE(scratch);
  EXPECT_FALSE(fs::is_symlink(scratch->path()));
  EXPECT_TRUE(scratch->make_inner("a/b"));
  fs::create_directory_symlink(outside.path(), scratch->path() / "a/out");
  EXPECT_FALSE(scratch->make_inner("a/out/c"));
  EXPECT_FALSE(scratch->make_inner("a/out"));
  EXPECT_TRUE(fs::is_empty(outside.path()));
}

TEST(Cache, ALockThatIsNoFileIsSaid) {
  const TemporaryDirectory directory;
  RecordedSteps steps;
  fs::create_directory(directory.path() / "lock");
  EXPECT_NE(
      CacheLock::acquire(directory.path(), steps).error().message().find("lock is no regular file; remove"),
      std::string::npos);
  fs::remove(directory.path() / "lock");
  fs::create_symlink("/nowhere/lock", directory.path() / "lock");
  EXPECT_FALSE(CacheLock::acquire(directory.path(), steps));
}

// The mode and owner of a directory, and what root is told of it; nothing: root may use it.
struct Trusted {
  uid_t owner;
  mode_t mode;
  const char* why;
};

TEST(CacheTrust, RootUsesWhatOnlyRootMayWriteTo) {
  for (const auto& [owner, mode, why] : {Trusted{0, 0755, ""}, Trusted{0, 0700, ""}, Trusted{0, 01777, ""},
                                         Trusted{0, 0777, "others may write to it (mode 0777)"},
                                         Trusted{0, 0775, "others may write to it (mode 0775)"},
                                         Trusted{0, 0757, "others may write to it (mode 0757)"},
                                         Trusted{1000, 0700, "it belongs to user 1000 (mode 0700)"}}) {
    struct stat info = {};
    info.st_uid = owner;
    info.st_mode = S_IFDIR | mode;
    EXPECT_EQ(distrust_of(info, 0), why);
  }
}

TEST(CacheTrust, IsAskedOfTheCacheAndItsParts) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root is asked";
  const TemporaryDirectory directory;
  const auto cache = directory.path() / "cache";
  RecordedSteps steps;
  ASSERT_TRUE(CacheLock::acquire(cache, steps));
  ASSERT_TRUE(make_part(cache, "kernels"));
  for (const auto& place : {cache, cache / "kernels"}) {
    for (const auto mode : {0777, 0775}) {
      fs::permissions(place, static_cast<fs::perms>(mode));
      const auto refused = CacheLock::acquire(cache, steps);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().fault, Fault::infra);
      EXPECT_EQ(
          refused.error().what,
          fmt::format("use cache {} as root: others may write to it (mode {:04o})", place.string(), mode));
      EXPECT_NE(refused.error().hint.find("chmod go-w " + place.string()), std::string::npos);
    }
    fs::permissions(place, static_cast<fs::perms>(0755));
    ASSERT_EQ(::chown(place.c_str(), 12345, 0), 0);
    EXPECT_NE(CacheLock::acquire(cache, steps).error().what.find("belongs to user 12345"), std::string::npos);
    ASSERT_EQ(::chown(place.c_str(), 0, 0), 0);
    EXPECT_TRUE(CacheLock::acquire(cache, steps));
  }
}

TEST(CacheTrust, WhatIsMadeIsOursWhateverTheUmask) {
  const TemporaryDirectory directory;
  const auto before = ::umask(0);
  const auto made = make_directories(directory.path() / "a/b");
  ::umask(before);
  ASSERT_TRUE(made);
  for (const char* one : {"a", "a/b"}) {
    EXPECT_EQ(fs::status(directory.path() / one).permissions(), static_cast<fs::perms>(0755));
  }
}

TEST(Cache, LosesOfAPartWhatWasNotUsedForADay) {
  const TemporaryDirectory directory;
  const auto now = fs::file_time_type::clock::now();
  const std::pair<const char*, int> files[] = {
      {"images/new", 0}, {"images/of-today", 23}, {"images/old", 25}, {"kernels/old", 25}};
  for (const auto& [name, hours] : files) {
    ASSERT_TRUE(make_directories((directory.path() / name).parent_path()));
    ASSERT_TRUE(write_file_atomic(directory.path() / name, "kept?"));
    fs::last_write_time(directory.path() / name, now - std::chrono::hours(hours));
  }
  ASSERT_TRUE(remove_unused(directory.path(), "images", std::chrono::hours(24)));
  for (const char* name : {"images/new", "images/of-today", "kernels/old"}) {
    EXPECT_TRUE(fs::exists(directory.path() / name)) << name;
  }
  EXPECT_FALSE(fs::exists(directory.path() / "images/old"));
  EXPECT_TRUE(remove_unused(directory.path(), "none", std::chrono::hours(24)));
}

}  // namespace
}  // namespace probebench::kernels
