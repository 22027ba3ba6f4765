// SPDX-License-Identifier: MIT
#include "probe_cost/probe_file.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "probe_cost/probe_identity.h"
#include "temporary_directory.h"

namespace probebench::cost {
namespace {

std::string elf(std::uint16_t machine, std::uint16_t type) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_machine = machine;
  header.e_type = type;
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

class ProbeFile : public testing::Test {
 protected:
  fs::path file(const char* name, const std::string& content) const {
    return directory_.write(name, content);
  }

  TemporaryDirectory directory_;
};

TEST_F(ProbeFile, ABpfObjectIsCarried) {
  const auto carried = bpf_object(file("my.bpf.o", elf(EM_BPF, ET_REL)));
  ASSERT_TRUE(carried);
  EXPECT_EQ(carried->place, "probe/my.bpf.o");
}

TEST_F(ProbeFile, WhatIsNoneIsNamed) {
  for (const auto& [content, why] : {std::pair{elf(EM_X86_64, ET_REL), "no BPF object"},
                                     {elf(EM_BPF, ET_EXEC), "no BPF object"},
                                     {std::string("int x;"), "no ELF object"},
                                     {std::string(), "no ELF object"}}) {
    const auto refused = bpf_object(file("my.bpf.o", content));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::usage);
    EXPECT_NE(refused.error().message().find(why), std::string::npos) << refused.error().message();
    EXPECT_NE(refused.error().message().find("my.bpf.o"), std::string::npos);
  }
  EXPECT_FALSE(bpf_object(directory_.path())) << "a folder";
  EXPECT_FALSE(bpf_object(directory_.path() / "nothing"));
}

TEST_F(ProbeFile, AModuleIsOneOrASource) {
  EXPECT_TRUE(check_module(file("probe.ko", elf(EM_X86_64, ET_REL))));
  EXPECT_TRUE(check_module(file("probe.c", "int x;")));
  EXPECT_FALSE(check_module(file("probe.ko", elf(EM_BPF, ET_REL))));
  EXPECT_FALSE(check_module(file("probe.o", elf(EM_X86_64, ET_REL))));
  EXPECT_FALSE(check_module(file("my probe.c", "int x;"))) << "no name of a module";
}

TEST_F(ProbeFile, IsNamedAndToldByItsContent) {
  const auto identified = [&](const char* name, const std::string& content) {
    CostPlan plan{.source = ProbeSource::module};
    EXPECT_TRUE(identify(plan, file(name, content)));
    return plan;
  };
  const auto first = identified("my probe.c", "int x;");
  EXPECT_EQ(first.name, "my_probe.c") << "part of a cell's name";
  EXPECT_EQ(identified("other.c", "int x;").armed, first.armed);
  EXPECT_NE(identified("my probe.c", "int y;").armed, first.armed);
  CostPlan absent;
  EXPECT_FALSE(identify(absent, directory_.path() / "nothing"));
}

TEST_F(ProbeFile, ACommandIsItsWordsAndItsProgram) {
  const auto identified = [&](const std::string& program, std::vector<std::string> command) {
    CostPlan plan{.source = ProbeSource::command};
    plan.command = std::move(command);
    EXPECT_TRUE(identify(plan, file("tool", program)));
    return plan;
  };
  const auto first = identified("one", {"/command/tool", "-e", "a b"});
  EXPECT_EQ(first.name, "tool");
  EXPECT_EQ(first.armed.versions.count("tool"), 1U);
  EXPECT_NE(identified("two", {"/command/tool", "-e", "a b"}).armed, first.armed);
  EXPECT_NE(identified("one", {"/command/tool", "-e", "a", "b"}).armed, first.armed);
}

TEST_F(ProbeFile, LinesOfTracefsAreNamedByTheFirst) {
  CostPlan plan{.source = ProbeSource::tracefs};
  plan.setup = {{"kprobe_events", "p:mine vfs_read"}, {"events/kprobes/mine/enable", "1"}};
  ASSERT_TRUE(identify(plan, {}));
  EXPECT_EQ(plan.name, "kprobe_events=p_mine_vfs_read");
  EXPECT_EQ(plan.armed.sha256.size(), 64U);
}

}  // namespace
}  // namespace probebench::cost
