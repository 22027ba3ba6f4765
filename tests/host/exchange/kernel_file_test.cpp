// SPDX-License-Identifier: MIT
#include "exchange/kernel_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "kernels_fixture.h"

namespace probebench::exchange {
namespace {

constexpr const char* kRelease = "6.1.0-1-cloud-amd64";
constexpr const char* kVersion = "6.1.1-1~deb12u1";

using Entry = kernels::PackedEntry;

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
    machine_.write("kernels.tar", kernels::packed(entries, archive_write_set_format_pax_restricted,
                                                  archive_write_add_filter_none));
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

  bool has_leftovers() const {
    const auto all = fs::directory_iterator(machine_.path());
    return std::any_of(fs::begin(all), fs::end(all), [](const auto& entry) {
      return entry.path().filename().string().find(".partial") != std::string::npos;
    });
  }

  TemporaryDirectory machine_;
  kernels::RecordedSteps steps_;
  std::string name_;
};

TEST_F(KernelFile, HasWhatTheStoreHas) {
  ASSERT_TRUE(write_kernel_file(from(), {name_}, file()));
  EXPECT_FALSE(has_leftovers());
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
  EXPECT_FALSE(has_leftovers());
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
