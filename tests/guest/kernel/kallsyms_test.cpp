// SPDX-License-Identifier: MIT
// Reading the kernel's text and the listing of its symbols; what errors of BPF mean.
#include "kernel/kallsyms.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <sstream>

#include "base/file.h"
#include "kernel/arch.h"
#include "kernel/bpf_text.h"

namespace probebench::kernel {
namespace {

TEST(FunctionTable, KnowsWhereAFunctionEndsAndWhoSharesItsName) {
  constexpr std::string_view kSmallListing(
      "ffffffff81000000 T first\nffffffff81000040 t twice\nffffffff81000050 D data\nffffffff81000080 t "
      "twice\n"
      "ffffffffc0000000 t other\t[module]\n");
  const auto table = find_functions(kSmallListing, {"first", "twice", "other", "absent", "data"});
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table.at("first").size, 0x40u);
  EXPECT_EQ(table.at("twice").namesakes, 2u);
  EXPECT_EQ(table.at("other").address, 0xffffffffc0000000u);
}

TEST(Listing, SaysWhenItHidesAddresses) {
  constexpr std::string_view kShown("0000000000000000 A fixed_percpu_data\nffffffff81000000 T first\n");
  constexpr std::string_view kHidden("0000000000000000 A fixed_percpu_data\n0000000000000000 T first\n");
  EXPECT_TRUE(addresses_are_shown(kShown));
  EXPECT_TRUE(addresses_are_shown(""));
  const auto root = fs::temp_directory_path() / ("kallsyms_test." + std::to_string(::getpid()));
  fs::create_directories(root / "proc/sys/kernel");
  ASSERT_TRUE(write_file_atomic(root / "proc/sys/kernel/kptr_restrict", "2\n"));
  EXPECT_EQ(addresses_are_shown(kHidden, root).error().message(),
            "/proc/kallsyms shows no address (kernel.kptr_restrict is 2); sysctl -w kernel.kptr_restrict=1, "
            "as root");
  ASSERT_TRUE(write_file_atomic(root / "proc/sys/kernel/kptr_restrict", "1\n"));
  EXPECT_EQ(addresses_are_shown(kHidden, root).error().hint, "root, or CAP_SYSLOG");
  fs::remove_all(root);
}

TEST(BpfWarning, IsAReasonWithoutItsLibrary) {
  EXPECT_EQ(reason_in_warning("libbpf: prog 'nop_fentry': failed to find\n", ENOENT),
            "prog 'nop_fentry': failed to find");
  EXPECT_EQ(reason_in_warning("libbpf: Failed to bump RLIMIT_MEMLOCK (err = -1)", EPERM), "");
}

TEST(FunctionTable, TellsOwnersApart) {
  constexpr std::string_view kSmallListing(
      "ffffffff81000000 T open\nffffffffc0000000 t open\t[one]\nffffffffc0000010 t open\t[two]\n");
  const auto table = find_functions(kSmallListing, {"open", "two:open", "vmlinux:open", "three:open"});
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table.at("open").namesakes, 3u);
  EXPECT_EQ(table.at("two:open").namesakes, 1u);
  EXPECT_EQ(table.at("two:open").address, 0xffffffffc0000010u);
  EXPECT_EQ(table.at("two:open").owner, "two");
  EXPECT_EQ(table.at("vmlinux:open").address, 0xffffffff81000000u);
  EXPECT_EQ(table.at("vmlinux:open").owner, "vmlinux");
}

TEST(Kallsyms, HasNamesThatResembleAnother) {
  constexpr std::string_view kSmallListing(
      "ffffffff81000000 T vfs_read\nffffffff81000010 T __pfx_vfs\nffffffff81000020 T vfs_write\n"
      "ffffffff81000030 D vfs_data\nffffffff81000040 T ksys_rea\nffffffff81000050 T vfs_a_long_name\n");
  EXPECT_EQ(functions_like(kSmallListing, "vfs_raed"), (std::vector<std::string>{"vfs_read", "vfs_write"}));
}

using testing::HasSubstr;

TEST(BpfError, WhatTheKernelLacksOrForbidsIsUnsupported) {
  for (const int err : {EPERM, -EPERM, EOPNOTSUPP, ENOSYS}) {
    EXPECT_EQ(bpf_error("x", err).fault, Fault::unsupported) << err;
  }
  EXPECT_EQ(bpf_error("x", -EINVAL).fault, Fault::cell);
  EXPECT_EQ(bpf_error("x", -EINVAL).err, EINVAL);
}

TEST(BpfError, TheKernelsInternalNumberBecomesAnErrno) {
  const auto error = bpf_error("attach", -524);
  EXPECT_EQ(error.fault, Fault::unsupported);
  EXPECT_EQ(error.err, EOPNOTSUPP);
  EXPECT_THAT(error.message(), HasSubstr("not supported"));
}

TEST(Kallsyms, FindsTheSymbolAsAWholeWord) {
  constexpr const char* kTextListing =
      "ffffffff81000010 T bpf_get_numa_node_id_proto\n"
      "ffffffff81000020 T bpf_get_numa_node_id\n"
      "ffffffffc0201010 t pb_site_mid\t[probebench]\n";
  const auto address_of = [](const char* symbol) { return address_in_kallsyms(kTextListing, symbol); };
  EXPECT_EQ(address_of("bpf_get_numa_node_id"), 0xffffffff81000020u);
  EXPECT_EQ(address_of("pb_site_mid"), 0xffffffffc0201010u);
  EXPECT_EQ(address_of("bpf_get"), 0u);
}

TEST(FtraceLocation, LiesBehindEndbr) {
  EXPECT_EQ(ftrace_location(0x1000, {0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0x00, 0x00}), 0x1004u);
  EXPECT_EQ(ftrace_location(0x1000, {0x66, 0x0f, 0x1f, 0x00, 0x0f, 0x1f, 0x44, 0x00, 0x00}), 0x1004u);
  EXPECT_EQ(ftrace_location(0x1000, {0x0f, 0x1f, 0x44, 0x00, 0x00}), 0x1000u);
  EXPECT_EQ(ftrace_location(0x1000, {}), 0x1000u);
}

// A core file of one segment.
class Kcore : public testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::temp_directory_path() / ("kernel_text_test." + std::to_string(::getpid()));
    Elf64_Ehdr header{};
    header.e_phoff = sizeof header;
    header.e_phnum = 1;
    Elf64_Phdr segment{};
    segment.p_type = PT_LOAD;
    segment.p_vaddr = 0xffffffff81000000;
    segment.p_memsz = 32;
    segment.p_offset = sizeof header + sizeof segment;
    std::string content(reinterpret_cast<const char*>(&header), sizeof header);
    content.append(reinterpret_cast<const char*>(&segment), sizeof segment);
    content += "0123456789abcdefghijklmnopqrstuv";
    ASSERT_TRUE(write_file_atomic(path_, content));
  }
  void TearDown() override { fs::remove(path_); }

  fs::path path_;
};

TEST_F(Kcore, ReadsTheBytesOfAnAddress) {
  EXPECT_EQ(*read_kernel_text(0xffffffff81000004, 3, path_), (Bytes{'4', '5', '6'}));
}

TEST_F(Kcore, RefusesWhatItDoesNotHold) {
  const auto past_the_end = read_kernel_text(0xffffffff8100001e, 3, path_);
  ASSERT_FALSE(past_the_end);
  EXPECT_EQ(past_the_end.error().err, ENOENT);
  const auto absent = read_kernel_text(0xffffffff81000000, 3, path_ / "nowhere");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().fault, Fault::unsupported);
}

}  // namespace

}  // namespace probebench::kernel
