// SPDX-License-Identifier: MIT
#include "probe_cost/probe_file.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

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

}  // namespace
}  // namespace probebench::cost
