// SPDX-License-Identifier: MIT
#include "gate/layout.h"

#include <gtest/gtest.h>

namespace probebench::gate {
namespace {

const LinkPlan kPlan{.build = "/build",
                     .command = ": && c++ -O2 main.o -o bin/agent  one.a  two.a -lbpf three.a && :",
                     .agent = "bin/agent"};

TEST(Layout, OfTheLinkingCommandOnlyTheLibrariesAreMoved) {
  const auto command = relinking_command(kPlan, "/new/it's", "/new/padding.s", 1);
  EXPECT_TRUE(command.starts_with(": && c++ -O2 main.o -o '/new/it'\\''s' /new/padding.s -Wl,--start-group "))
      << command;
  EXPECT_TRUE(command.ends_with(" -Wl,--end-group -lbpf && :")) << command;
  for (const char* library : {" one.a ", " two.a ", " three.a "}) {
    EXPECT_NE(command.find(library), std::string::npos) << command;
  }
}

TEST(Layout, IsTheSameForTheSameSeed) {
  const std::string kbuild = "probebench-y := a.o b.o c.o d.o e.o\n";
  EXPECT_EQ(relinking_command(kPlan, "a", "p", 5), relinking_command(kPlan, "a", "p", 5));
  EXPECT_EQ(shuffled_kbuild(kbuild, 5), shuffled_kbuild(kbuild, 5));
  EXPECT_NE(shuffled_kbuild(kbuild, 5), shuffled_kbuild(kbuild, 6));
}

TEST(Layout, AKbuildKeepsEverythingElse) {
  EXPECT_EQ(shuffled_kbuild("obj-m := probebench.o\nprobebench-y := a.o \\\n\ta.o\nccflags-y := -Wall\n", 1),
            "obj-m := probebench.o\nprobebench-y := a.o a.o\nccflags-y := -Wall\n");
  EXPECT_EQ(shuffled_kbuild("probebench-y := a.o", 1), "probebench-y := a.o");
  EXPECT_EQ(shuffled_kbuild("obj-m := other.o\n", 1), "");
}

}  // namespace
}  // namespace probebench::gate
