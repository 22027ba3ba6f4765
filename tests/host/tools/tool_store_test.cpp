// SPDX-License-Identifier: MIT
#include "tools/tool_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace probebench::tools {
namespace {

using testing::HasSubstr;

std::string package_for(std::string_view from, std::string_view command) {
  const auto request = parse_from(from, command);
  return request ? request->suite + "/" + request->package : request.error().message();
}

TEST(ToolRequest, NamesTheSuiteAndThePackage) {
  EXPECT_EQ(package_for("trixie", "bpftrace"), "trixie/bpftrace");
  EXPECT_EQ(package_for("trixie", "perf"), "trixie/linux-perf");
  EXPECT_EQ(package_for("sid", "opensnoop"), "sid/libbpf-tools");
  EXPECT_EQ(package_for("bookworm-backports:bpftool", "perf"), "bookworm-backports/bpftool");
}

TEST(ToolRequest, RefusesWhatIsNoName) {
  for (const char* from : {"", ":", "trixie:", "../etc", "trixie:../x", "a b", "-o", "trixie:-o"}) {
    EXPECT_THAT(package_for(from, "bpftrace"), HasSubstr("no suite of Debian")) << from;
  }
  EXPECT_THAT(package_for("trixie", "./bpftrace"), HasSubstr("is a path"));
}

}  // namespace
}  // namespace probebench::tools
