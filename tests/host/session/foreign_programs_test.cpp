// SPDX-License-Identifier: MIT
#include "session/foreign_programs.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "session/environment_checks.h"

namespace probebench::session {
namespace {

TEST(ForeignPrograms, AreThoseThatTrace) {
  EXPECT_EQ(tracing_programs({}), "");
  EXPECT_EQ(tracing_programs({{BPF_PROG_TYPE_CGROUP_SKB, "sd_fw_egress"}, {BPF_PROG_TYPE_SYSCALL, ""}}), "");
  EXPECT_EQ(tracing_programs({{BPF_PROG_TYPE_TRACING, "vfs_read"},
                              {BPF_PROG_TYPE_XDP, "drop"},
                              {BPF_PROG_TYPE_RAW_TRACEPOINT, ""}}),
            "tracing vfs_read, raw-tracepoint ?");
  EXPECT_EQ(tracing_programs(BpfPrograms(6, {BPF_PROG_TYPE_KPROBE, "p"})),
            "kprobe p, kprobe p, kprobe p, kprobe p and 2 more");
}

TEST(ForeignPrograms, AreSeenByRootAlone) {
  if (::geteuid() != 0) EXPECT_FALSE(loaded_bpf_programs());
  const auto programs = loaded_bpf_programs();  // a container may forbid it to root, too
  if (programs) EXPECT_EQ(tracing_programs(*programs).find('\0'), std::string::npos);
}

TEST(ForeignPrograms, AreAFinding) {
  const auto findings = check_environment("/none", BpfPrograms{{BPF_PROG_TYPE_TRACING, "vfs_read"}});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().text(),
            "foreign-bpf: tracing vfs_read, wanted nothing: somebody else's BPF programs run on the kernel's "
            "events");
  EXPECT_TRUE(check_environment("/none", BpfPrograms{}).empty());
}

}  // namespace
}  // namespace probebench::session
