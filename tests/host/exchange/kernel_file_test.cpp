// SPDX-License-Identifier: MIT
#include "exchange/kernel_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <functional>

#include "kernels_fixture.h"

namespace probebench::exchange {
namespace {

constexpr const char* kRelease = "6.1.0-1-cloud-amd64";
constexpr const char* kVersion = "6.1.1-1~deb12u1";

struct Entry {
  std::string name;
  std::string content;
  unsigned type = AE_IFREG;
};

class KernelFile : public ::testing::Test {
 protected:
  void SetUp() override {
    name_ = kernels::kept_name(kRelease, kVersion);
    machine_.write("from/debs/" + name_ + "/linux-image.deb", "an image");
    machine_.write("from/debs/" + name_ + "/linux-headers.deb", "headers");
    ASSERT_TRUE(kernels::describe_packages(from() / "debs" / name_, kRelease, kVersion));
  }

  fs::path from() const { return machine_.path() / "from"; }
  fs::path to() const { return machine_.path() / "to"; }
  fs::path file() const { return machine_.path() / "kernels.tar"; }
  fs::path set() const { return from() / "debs" / name_; }

  Result<std::vector<std::string>> take() { return take_kernel_file(file(), to(), steps_); }

  // A file with these entries, as somebody else may write it.
  void write_entries(const std::vector<Entry>& entries) const {
    archive* writer = archive_write_new();
    archive_write_set_format_pax_restricted(writer);
    archive_write_open_filename(writer, file().c_str());
    for (const auto& one : entries) {
      archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, one.name.c_str());
      archive_entry_set_filetype(entry, one.type);
      archive_entry_set_perm(entry, 0644);
      if (one.type == AE_IFLNK) archive_entry_set_symlink(entry, one.content.c_str());
      archive_entry_set_size(entry, one.type == AE_IFREG ? static_cast<la_int64_t>(one.content.size()) : 0);
      archive_write_header(writer, entry);
      if (one.type == AE_IFREG) archive_write_data(writer, one.content.data(), one.content.size());
      archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
  }

  // The set as it is, with one thing changed.
  std::vector<Entry> entries() const {
    std::vector<Entry> all;
    for (const char* name : {"packages.json", "linux-image.deb", "linux-headers.deb"})
      all.push_back({name_ + "/" + name, *read_file(set() / name)});
    return all;
  }

  // What is said; nothing of it is there.
  std::string refusal() {
    const auto taken = take();
    if (taken) return "taken";
    EXPECT_TRUE(kernels::names_of_kept(to()).empty());
    return taken.error().message();
  }

  TemporaryDirectory machine_;
  kernels::RecordedSteps steps_;
  std::string name_;
};

TEST_F(KernelFile, HasWhatTheStoreHas) {
  ASSERT_TRUE(write_kernel_file(from(), {name_}, file()));
  EXPECT_FALSE(fs::exists(file().string() + ".partial"));
  const auto taken = take();
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(*taken, std::vector<std::string>{name_});
  const auto kept = kernels::find_kept(to(), name_);
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->release, kRelease);
  EXPECT_EQ((*kept)->version, kVersion);
  EXPECT_EQ(*read_file(to() / "debs" / name_ / "linux-image.deb"), "an image");
  EXPECT_TRUE(take());  // once more: the same
}

TEST_F(KernelFile, IsNotLeftHalfWritten) {
  EXPECT_FALSE(write_kernel_file(from(), {"no-such-set"}, file()));
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_FALSE(fs::exists(file().string() + ".partial"));
}

TEST_F(KernelFile, LeadsNowhereElse) {
  for (const char* name : {"../linux-image.deb", "/etc/x", "a/b/c.deb", "alone.deb", "../../x"}) {
    auto all = entries();
    all.push_back({name, "x"});
    write_entries(all);
    EXPECT_NE(refusal(), "taken") << name;
  }
  auto all = entries();
  all[1] = {name_ + "/linux-image.deb", "/etc/passwd", AE_IFLNK};
  write_entries(all);
  EXPECT_NE(refusal().find("is no package of a kernel"), std::string::npos);
}

TEST_F(KernelFile, IsAsItsListSays) {
  const auto changed = [&](const std::function<void(std::vector<Entry>&)>& change) {
    auto all = entries();
    change(all);
    write_entries(all);
    return refusal();
  };
  EXPECT_NE(changed([](auto& all) { all[1].content = "an imagE"; }).find("linux-image.deb"),
            std::string::npos);
  EXPECT_NE(changed([](auto& all) { all.pop_back(); }).find("linux-headers.deb"), std::string::npos);
  EXPECT_NE(changed([&](auto& all) {
              all.push_back({name_ + "/more.deb", "x"});
            }).find("is not listed"),
            std::string::npos);
  EXPECT_NE(changed([](auto& all) { all.erase(all.begin()); }).find("packages.json"), std::string::npos);
  EXPECT_NE(changed([](auto& all) { all[0].content = "{"; }).find("cannot be read"), std::string::npos);
  EXPECT_NE(changed([](auto& all) {
              for (auto& one : all) one.name = "7.0_1/" + fs::path(one.name).filename().string();
            }).find("has the packages of"),
            std::string::npos);
}

TEST_F(KernelFile, ThatIsCutOffOrNoneIsRefused) {
  ASSERT_TRUE(write_kernel_file(from(), {name_}, file()));
  const auto whole = *read_file(file());
  ASSERT_TRUE(write_file_atomic(file(), whole.substr(0, 700)));
  EXPECT_NE(refusal().find("kernels export wrote"), std::string::npos);
  ASSERT_TRUE(write_file_atomic(file(), "no archive"));
  EXPECT_NE(refusal(), "taken");
  write_entries({});
  EXPECT_NE(refusal().find("has no packages"), std::string::npos);
  fs::remove(file());
  EXPECT_NE(refusal().find("kernels.tar"), std::string::npos);
}

}  // namespace
}  // namespace probebench::exchange
