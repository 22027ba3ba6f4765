// SPDX-License-Identifier: MIT
#include "vm/carried_disk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/process.h"
#include "temporary_directory.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr const char* kBuiltIn = "CONFIG_EXT4_FS=y\nCONFIG_BLK_DEV_NVME=y\n";

class Said : public kernels::Progress {
 public:
  void step(std::string_view) override {}
};

kernels::Kernel kernel_with(const fs::path& config) {
  kernels::Kernel kernel;
  kernel.config = config;
  return kernel;
}

TEST(CarriedDisk, IsForMoreThanAHundredMegabytes) {
  const TemporaryDirectory directory;
  const auto kernel = kernel_with(directory.write("config", kBuiltIn));
  const auto file = directory.write("large", "");
  const auto more = directory.write("more", "x");
  fs::resize_file(file, 100 << 20);
  const auto bytes = bytes_of({{file, "large"}});
  ASSERT_TRUE(bytes);
  EXPECT_FALSE(choose_disk(*bytes, kernel).on_disk);
  EXPECT_EQ(choose_disk(*bytes, kernel).why_not, "");
  const auto with_more = bytes_of({{file, "large"}, {more, "more"}});
  ASSERT_TRUE(with_more);
  EXPECT_TRUE(choose_disk(*with_more, kernel).on_disk);
  EXPECT_EQ(bytes_of({{"/no/such", "such"}}).error().what, "carry /no/such");
}

TEST(CarriedDisk, NeedsAKernelThatHasItsDrivers) {
  const TemporaryDirectory directory;
  const auto as_module = directory.write("config", "CONFIG_EXT4_FS=y\nCONFIG_BLK_DEV_NVME=m\n");
  const auto choice = choose_disk(200 << 20, kernel_with(as_module));
  EXPECT_FALSE(choice.on_disk);
  EXPECT_EQ(choice.why_not,
            "200 MB go into the guest's memory, and not on a disk: its kernel lacks CONFIG_BLK_DEV_NVME=y");
  EXPECT_NE(choose_disk(200 << 20, kernel_with("/no/config")).why_not.find("no .config"), std::string::npos);
  kernels::Kernel by_headers;
  by_headers.headers = directory.path() / "headers";
  directory.write("headers/.config", kBuiltIn);
  EXPECT_TRUE(choose_disk(200 << 20, by_headers).on_disk);
}

TEST(CarriedDisk, HasEachFileAtItsPlace) {
  const TemporaryDirectory directory;
  Said said;
  const std::vector<GuestProgram> files{{directory.write("one", "first"), "usr/bin/one"},
                                        {directory.write("again", "second"), "usr/bin/one"},
                                        {directory.write("two", std::string(1 << 20, 'x')), "two words/two"}};
  const auto disk = make_carried_disk(files, *bytes_of(files), directory.path() / "cache", said);
  ASSERT_TRUE(disk) << disk.error().message();
  const auto image = fmt::format("/proc/{}/fd/{}", ::getpid(), disk->image.get());
  const auto one = run_command({{"/usr/sbin/debugfs", "-R", "cat usr/bin/one", image}}, kPatience);
  EXPECT_NE(one->output.find("second"), std::string::npos) << one->output;
  const auto two = run_command({{"/usr/sbin/debugfs", "-R", "stat \"two words/two\"", image}}, kPatience);
  EXPECT_NE(two->output.find("Size: 1048576"), std::string::npos) << two->output;
  EXPECT_NE(two->output.find("Mode:  0755"), std::string::npos) << two->output;
  EXPECT_EQ(::write(disk->image.get(), "x", 1), -1) << "it is for reading";
}

}  // namespace
}  // namespace probebench::vm
