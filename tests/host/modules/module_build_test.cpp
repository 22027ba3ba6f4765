// SPDX-License-Identifier: MIT
#include "modules/module_build.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "kernels_fixture.h"
#include "modules/module_fit.h"

namespace probebench::modules {
namespace {

using kernels::elf_with_section;
using kernels::FakePrograms;
using kernels::RecordedSteps;

TEST(BuildError, IsTheCompilersFirstOne) {
  EXPECT_EQ(
      first_build_error("make: Entering directory '/h'\n  CC [M]  /b/a.o\n/b/a.c:3:1: error: no such thing\n"
                        "/b/a.c:9:1: error: another\nmake[1]: *** [x] Error 1\n",
                        "/b"),
      "a.c:3:1: error: no such thing");
  EXPECT_EQ(first_build_error("ERROR: modpost: \"foo\" undefined!\nmake: *** [x] Error 2\n", "/b"),
            "ERROR: modpost: \"foo\" undefined!");
  EXPECT_EQ(first_build_error("make: *** No rule to make target 'modules'.  Stop.\n", "/b"),
            "make: *** No rule to make target 'modules'.  Stop.");
  EXPECT_EQ(first_build_error("", "/b"), "make printed nothing");
}

// `make` copies the source; `strip` does nothing.
class ModuleBuild : public ::testing::Test {
 protected:
  void SetUp() override {
    kernel_.release = "6.1.0-1";
    kernel_.headers = directory_.path() / "h";
    directory_.write("h/Makefile", "all:\n");
    directory_.write("h/.config", "CONFIG_MODULES=y\n");
    directory_.write("h/Module.symvers", "0x1 printk vmlinux EXPORT_SYMBOL\n");
    directory_.write("kmod/Kbuild", "obj-m := probebench.o\n");
    directory_.write("kmod/probebench.c", "int x;\n");
    directory_.write("kmod/probebench.mod.c", "left over");
    programs_.add("gcc", "echo \"gcc $GCC_VERSION_OF_TEST\"");
    programs_.add("strip", "exit 0");
    make(
        "for a in \"$@\"; do case $a in M=*) m=${a#M=} ;; esac; done\n"
        "ls \"$m\" > \"$m/probebench.ko\"; cat \"$m\"/*.c >> \"$m/probebench.ko\"");
  }
  void make(const std::string& script) { programs_.add("make", script); }
  Result<BuiltModule> build() {
    steps_.steps.clear();
    return build_module(kernel_, directory_.path() / "kmod", directory_.path() / "cache", steps_);
  }

  TemporaryDirectory directory_;
  FakePrograms programs_;
  RecordedSteps steps_;
  Kernel kernel_;
};

TEST_F(ModuleBuild, SaysWhyThereIsNoBtf) {
  EXPECT_EQ(build()->btf, "no: the kernel has no module BTF");
  directory_.write("h/.config", "CONFIG_DEBUG_INFO_BTF_MODULES=y\nCONFIG_PAHOLE_VERSION=130\n#\n");
  EXPECT_EQ(build()->btf, "no: the headers lack the kernel's BTF");
  directory_.write("h/vmlinux", "btf");
  programs_.add("pahole", "echo v1.24");
  EXPECT_EQ(build()->btf, "no: pahole v1.24 is older than the kernel's");
  programs_.add("pahole", "echo v1.30");
  EXPECT_EQ(build()->btf, "no: the kernel's makefiles made none");  // the stand-in for make makes none
}

// A module whose BTF counts on that of another build does not load, and packages of headers have no vmlinux.
TEST_F(ModuleBuild, HasTheBtfOfTheImageWhereTheHeadersHaveAnother) {
  directory_.write("h/.config", "CONFIG_DEBUG_INFO_BTF_MODULES=y\n");
  kernel_.image = directory_.write("image", elf_with_section(".BTF", "first build"));
  const std::vector<std::string> by_image{"pahole", "-J", "--btf_base", kernel_.image.string()};
  programs_.add("pahole", "case $1 in --version) echo v1.30 ;; *) echo \"$LLVM_OBJCOPY $*\" >" +
                              (directory_.path() / "asked").string() + " ;; esac");
  EXPECT_EQ(fit_module(kernel_, "gcc")->btf_command, by_image);
  directory_.write("h/vmlinux", elf_with_section(".BTF", "second build"));
  EXPECT_EQ(fit_module(kernel_, "gcc")->btf_command, by_image);
  EXPECT_EQ(build()->btf, "no: pahole made none");  // the stand-in does not
  // Else pahole would have llvm-objcopy write it, which few machines have.
  EXPECT_EQ(read_file(directory_.path() / "asked")->find("objcopy -J --btf_base " + kernel_.image.string()),
            0);
  directory_.write("h/vmlinux", elf_with_section(".BTF", "first build"));
  EXPECT_EQ(fit_module(kernel_, "gcc")->btf_command, std::vector<std::string>());
}

// The running kernel's image is packed, and headers before 6.12 have no vmlinux.
TEST_F(ModuleBuild, HasTheBtfThatTheRunningKernelShows) {
  directory_.write("h/.config", "CONFIG_DEBUG_INFO_BTF_MODULES=y\n");
  kernel_.btf = directory_.write("btf", "this boot's");
  const std::vector<std::string> by_running{"pahole", "-J", "--btf_base", kernel_.btf.string()};
  programs_.add("pahole", "echo v1.30");
  EXPECT_EQ(fit_module(kernel_, "gcc")->btf_command, by_running);
  const auto before = build()->path;
  directory_.write("btf", "another build's");
  EXPECT_NE(build()->path, before);
  directory_.write("h/vmlinux", elf_with_section(".BTF", "another build's"));
  EXPECT_EQ(fit_module(kernel_, "gcc")->btf_command, std::vector<std::string>());
}

TEST_F(ModuleBuild, FitsTheCompilerAndTheTools) {
  directory_.write("h/.config", "CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=y\nCONFIG_DEBUG_INFO_BTF_MODULES=y\n");
  directory_.write("h/vmlinux", "btf");
  programs_.add("pahole", "echo v1.24");
  programs_.add("gcc", "case \"$*\" in *-fmin-function-alignment*) exit 1 ;; esac; echo gcc 12");
  const auto fit = fit_module(kernel_, "gcc");
  ASSERT_TRUE(fit) << fit.error().message();
  EXPECT_EQ(fit->variables, (std::vector<std::string>{"CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=",
                                                      "PAHOLE=pahole", "RESOLVE_BTFIDS=true"}));
  programs_.add("gcc", "echo gcc 14");
  EXPECT_EQ(fit_module(kernel_, "gcc")->variables.front(), "PAHOLE=pahole");
}

TEST_F(ModuleBuild, OfAKernelByClangIsByThatClang) {
  directory_.write("h/.config", "CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=990107\nCONFIG_LD_IS_LLD=y\n");
  const auto missing = build();
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find("built by clang 99"), std::string::npos);
  EXPECT_NE(missing.error().message().find("install clang-99"), std::string::npos);
  programs_.add("clang-99", "echo clang version 99.1.7");
  make(
      "for a in \"$@\"; do case $a in M=*) m=${a#M=} ;; esac; done\n"
      "echo \"$*\" > \"$m/probebench.ko\"");
  const auto module = build();
  ASSERT_TRUE(module) << module.error().message();
  EXPECT_EQ(module->compiler, "clang version 99.1.7");
  const auto line = *read_file(module->path);
  EXPECT_NE(line.find(" CC=clang-99 "), std::string::npos) << line;
  EXPECT_NE(line.find(" LLVM=1 "), std::string::npos) << line;
}

TEST(Pahole, VersionIsANumber) {
  EXPECT_EQ(pahole_version("v1.24\n"), 124);
  EXPECT_EQ(pahole_version("v1.30"), 130);
  EXPECT_EQ(pahole_version("pahole?"), 0);
}

TEST_F(ModuleBuild, BuildsOnceFromSourcesOnly) {
  const auto module = build();
  ASSERT_TRUE(module) << module.error().message();
  EXPECT_EQ(*read_file(module->path), "Kbuild\nprobebench.c\nprobebench.ko\nint x;\n");
  EXPECT_TRUE(steps_.mentions("building the kernel module for 6.1.0-1"));
  make("exit 1");
  const auto again = build();
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->sha256, module->sha256);
  EXPECT_TRUE(steps_.steps.empty());
}

// Each change makes another key, and the way back makes the first one: a tree of which nothing changed is not
// built in again.
TEST_F(ModuleBuild, IsKeyedByAllThatItIsMadeOf) {
  const std::vector<std::pair<std::string, std::string>> inputs{
      {"kmod/probebench.c", "int y;\n"},
      {"h/Makefile", "all: # -O3\n"},
      {"h/.config", "CONFIG_MODULES=y\nCONFIG_SMP=y\n"},
      {"h/Module.symvers", "0x2 printk vmlinux EXPORT_SYMBOL\n"},
      {"h/include/linux/kprobes.h", "struct kprobe { int more; };\n"},
      {"h/include/generated/autoconf.h", "#define CONFIG_SMP 1\n"},
      {"h/arch/x86/include/asm/kprobes.h", "#define MORE\n"},
      {"h/arch/x86/Makefile", "KBUILD_CFLAGS += -O3\n"},
      {"h/scripts/Makefile.build", "more\n"},
      {"h/scripts/mod/modpost", "newer\n"},
      {"h/vmlinux", "another build's BTF"},
  };
  for (const auto& [file, content] : inputs) directory_.write(file, "as it was\n");
  const auto first = build()->path;
  for (const auto& [file, content] : inputs) {
    directory_.write(file, content);
    EXPECT_NE(build()->path, first) << file;
    directory_.write(file, "as it was\n");
    EXPECT_EQ(build()->path, first) << file;
  }
  kernel_.digest = "another image";
  EXPECT_NE(build()->path, first);
}

TEST_F(ModuleBuild, ANewHeaderMakesAnotherKey) {
  const auto first = build()->path;
  directory_.write("h/include/linux/new.h", "");
  EXPECT_NE(build()->path, first);
}

TEST_F(ModuleBuild, ReadsTheSourceTreeOfAnOutputDirectory) {
  directory_.write("source/Makefile", "all:\n");
  directory_.write("source/include/linux/kprobes.h", "struct kprobe { int one; };\n");
  directory_.write("h/Makefile", "include " + (directory_.path() / "source/Makefile").string() + "\n");
  const auto first = build()->path;
  directory_.write("source/include/linux/kprobes.h", "struct kprobe { int two; };\n");
  EXPECT_NE(build()->path, first);
}

// The packages' files were compared with their list before.
TEST_F(ModuleBuild, OfAPackagedKernelTheListOfFilesIsTheKey) {
  kernel_.package_version = "2";
  kernel_.digest = "list";
  const auto first = build()->path;
  kernel_.digest = "another list";
  EXPECT_NE(build()->path, first);
}

TEST_F(ModuleBuild, ADamagedModuleIsBuiltAgain) {
  const auto module = build();
  ASSERT_TRUE(write_file_atomic(module->path, "half"));
  EXPECT_EQ(build()->sha256, module->sha256);
  EXPECT_NE(*read_file(module->path), "half");
}

TEST_F(ModuleBuild, AModuleForAnotherReleaseIsBuiltAgain) {
  const auto module = build();
  const auto put = [&](const std::string& release) {
    const auto other =
        elf_with_section(".modinfo", std::string("license=GPL\0", 12) + "vermagic=" + release + " SMP");
    ASSERT_TRUE(write_file_atomic(module->path, other));
    ASSERT_TRUE(write_file_atomic(module->path.string() + ".sha256", sha256_text(other)));
  };
  put("6.1.0-1");
  EXPECT_NE(build()->sha256, module->sha256);
  EXPECT_TRUE(steps_.steps.empty());
  for (const char* release : {"6.2.0", "6.1.0-10", "6.1.0"}) {
    put(release);
    EXPECT_EQ(build()->sha256, module->sha256);
    EXPECT_TRUE(steps_.mentions("probebench.ko is not for 6.1.0-1; building it again")) << release;
  }
}

TEST_F(ModuleBuild, FailureNamesTheErrorAndTheLog) {
  make("echo 'a.c:1:1: error: wrong'; exit 2");
  const auto module = build();
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().what, "build the kernel module for 6.1.0-1: a.c:1:1: error: wrong");
  const auto hint = module.error().hint;
  EXPECT_EQ(*read_file(hint.substr(hint.find('/'))), "a.c:1:1: error: wrong\n");
}

TEST_F(ModuleBuild, NoModuleFromASuccessfulMakeIsAFailure) {
  make("exit 0");
  EXPECT_FALSE(build());
}

TEST_F(ModuleBuild, MissingCompilerIsSaid) {
  programs_.add("gcc", "exit 1");
  EXPECT_NE(build().error().message().find("apt-get install gcc make"), std::string::npos);
}

TEST_F(ModuleBuild, APathThatMakeCannotUseIsRefused) {
  kernel_.headers = "/with a space/h";
  EXPECT_NE(build().error().what.find("a space or a colon"), std::string::npos);
  EXPECT_NE(build().error().hint.find("--headers"), std::string::npos);
}

}  // namespace
}  // namespace probebench::modules
