// SPDX-License-Identifier: MIT
#include "tools/kernel_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/process.h"
#include "kernels_fixture.h"

namespace probebench::tools {
namespace {

using testing::HasSubstr;

constexpr const char* kName = "kprobes/kprobe_example.c";

class KernelSamples : public testing::Test {
 protected:
  void add(const fs::path& tree, const char* text) {
    const auto file = tree / "samples" / kName;
    fs::create_directories(file.parent_path());
    ASSERT_TRUE(write_file_atomic(file, text));
  }
  void pack(const std::string& name, const char* text) {
    add(directory_.path() / "packing" / name, text);
    const Command tar{{"tar", "-cJf", (sources_ / (name + ".tar.xz")).string(), "-C",
                       (directory_.path() / "packing").string(), name}};
    const auto done = run_command(tar, std::chrono::seconds(60));
    ASSERT_TRUE(done && done->exit_code == 0);
  }
  std::string sample(const char* name = kName) {
    const auto found = kernel_sample(name, directory_.path() / "cache", progress_, sources_);
    if (!found) return found.error().message();
    return found->source + ": " + *read_file(found->file);
  }

  TemporaryDirectory directory_;
  fs::path sources_ = directory_.path() / "src";
  kernels::RecordedSteps progress_;
};

TEST_F(KernelSamples, AreTheNewestSources) {
  fs::create_directories(sources_);
  EXPECT_THAT(sample(), HasSubstr("no kernel source in"));
  add(sources_ / "linux-source-6.1", "old");
  fs::create_directories(sources_ / "linux-headers-6.12");
  EXPECT_EQ(sample(), "linux-source-6.1: old");
  pack("linux-source-6.12", "new");
  EXPECT_EQ(sample(), "linux-source-6.12: new");
  EXPECT_THAT(sample("kprobes/other.c"), HasSubstr("not in"));
}

TEST_F(KernelSamples, AreUnpackedAnewWhenTheArchiveIsAnother) {
  fs::create_directories(sources_);
  pack("linux-source-6.12", "first");
  EXPECT_EQ(sample(), "linux-source-6.12: first");
  pack("linux-source-6.12", "the second release of it");
  EXPECT_EQ(sample(), "linux-source-6.12: the second release of it");
}

TEST_F(KernelSamples, NameTheArchiveThatIsNone) {
  fs::create_directories(sources_);
  ASSERT_TRUE(write_file_atomic(sources_ / "linux-source-6.12.tar.xz", "no archive"));
  EXPECT_THAT(sample(), HasSubstr("unpack the samples of"));
  EXPECT_THAT(sample(), HasSubstr("linux-source-6.12.tar.xz"));
}

}  // namespace
}  // namespace probebench::tools
