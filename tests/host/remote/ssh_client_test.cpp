// SPDX-License-Identifier: MIT
#include "remote/ssh_client.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace probebench::remote {
namespace {

TEST(SshDestination, IsWhatTheCommandTakes) {
  EXPECT_EQ(*ssh_destination("ssh:build-7"), "build-7");
  EXPECT_EQ(*ssh_destination("ssh:root@10.0.0.7"), "root@10.0.0.7");
  EXPECT_EQ(*ssh_destination("ssh://root@build-7:2222"), "ssh://root@build-7:2222");
}

TEST(SshDestination, IsNoOptionAndNoCommand) {
  for (const char* target : {"ssh:", "ssh://", "ssh:-oProxyCommand=x", "ssh://-x", "ssh:a b", "ssh:a\n",
                             "ssh:$(x)", "ssh:`x`", "ssh:a'b", "build-7", ""}) {
    const auto destination = ssh_destination(target);
    ASSERT_FALSE(destination) << target;
    EXPECT_EQ(destination.error().fault, Fault::usage);
  }
}

TEST(SshArguments, AskNothingAndEndWithTheCommand) {
  const auto arguments = ssh_arguments("build-7", "exec true");
  EXPECT_NE(std::ranges::find(arguments, "BatchMode=yes"), arguments.end());
  ASSERT_GT(arguments.size(), 3U);
  EXPECT_EQ(arguments.front(), "ssh");
  const std::vector<std::string> end(arguments.end() - 3, arguments.end());
  EXPECT_EQ(end, (std::vector<std::string>{"--", "build-7", "exec true"}));
}

struct Said {
  const char* text;
  const char* means;
};

// As OpenSSH 9.2 says it.
TEST(SshRefusal, SaysWhatAPersonCanDo) {
  for (const auto& [text, means] : {
           Said{"@@@@@@\r\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\r\nHost key verification "
                "failed.\r\n",
                "its host key is not known, or is another one"},
           Said{"root@build-7: Permission denied (publickey,password).\r\n", "it takes none of your keys"},
           Said{"ssh: Could not resolve hostname build-7: Name or service not known\r\n",
                "no host of that name"},
           Said{"ssh: connect to host build-7 port 22: Connection refused\r\n",
                "connect to host build-7 port 22: Connection refused"},
           Said{"", "ssh ended without a word"},
       }) {
    const auto error = ssh_refusal("build-7", text);
    EXPECT_EQ(error.fault, Fault::infra);
    EXPECT_NE(error.message().find("reach build-7 by ssh"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find(means), std::string::npos) << error.message();
    EXPECT_EQ(error.message().find('\r'), std::string::npos);
  }
}

}  // namespace
}  // namespace probebench::remote
