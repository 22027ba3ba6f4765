// SPDX-License-Identifier: MIT
#include "kernels/kernel_store.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "base/process.h"
#include "kernels/build_tools.h"
#include "store_fixture.h"

namespace probebench::kernels {
namespace {

TEST_F(Store, FetchesOnceAndThenNeedsNoNetwork) {
  const auto first = provide("6.1");
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->release, "6.1.0-1-cloud-amd64");
  EXPECT_EQ(first->package_version, "6.1.1-1");
  EXPECT_TRUE(fs::exists(first->image));
  EXPECT_FALSE(first->pvh);
  EXPECT_TRUE(steps_.mentions("downloading"));
  network(false);
  const auto again = provide("6.1");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->image, first->image);
  EXPECT_TRUE(steps_.steps.empty());
}

TEST_F(Store, AutoFallsBackToTheStockKernelAndSaysSo) {
  const auto kernel = provide("auto");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->note, "6.1.0-1-cloud-amd64 has no fprobe");
  EXPECT_EQ(provide("auto")->note, kernel->note);  // also from the cache
}

TEST_F(Store, StockIsWhatTheMetaPackageNames) {
  const auto kernel = provide("stock");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->release, "6.1.0-1-cloud-amd64");
}

TEST_F(Store, ADamagedKernelIsFetchedAgain) {
  const auto image = provide("6.1")->image;
  const auto good = *read_file(image);
  for (const auto& bad : {good.substr(0, good.size() / 2), std::string(good.size(), 'x'), std::string()}) {
    ASSERT_TRUE(write_file_atomic(image, bad));
    const auto kernel = provide("6.1");
    ASSERT_TRUE(kernel) << kernel.error().message();
    EXPECT_TRUE(steps_.mentions("is damaged"));
    EXPECT_EQ(*read_file(image), good);
  }
}

TEST_F(Store, ADamagedKernelIsNeverUsedWithoutNetwork) {
  const auto image = provide("6.1")->image;
  ASSERT_TRUE(write_file_atomic(image, "half a kernel"));
  fs::remove_all(paths_.cache / "debs");
  network(false);
  const auto kernel = provide("6.1");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::infra);
  EXPECT_NE(kernel.error().what.find("Temporary failure resolving"), std::string::npos);
  EXPECT_TRUE(kernels().empty());
}

TEST_F(Store, ADamagedKernelIsUnpackedAgainFromKeptPackages) {
  const auto image = provide("6.1")->image;
  const auto good = *read_file(image);
  ASSERT_TRUE(write_file_atomic(image, "half a kernel"));
  network(false);
  const auto kernel = provide("6.1");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(*read_file(kernel->image), good);
  EXPECT_NE(kernel->note.find("from packages that are kept"), std::string::npos);
}

TEST_F(Store, PackagesOfAKernelAreProvidedOnce) {
  const auto kept = provide_packages("6.1", paths_, steps_);
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(kept->version, "6.1.1-1");
  EXPECT_EQ(kept->files.size(), 3U);
  fs::remove_all(paths_.cache / "debs");  // as an earlier version left it
  ASSERT_TRUE(provide_packages("6.1", paths_, steps_));
  EXPECT_TRUE(fs::exists(paths_.cache / "debs"));
  network(false);
  EXPECT_TRUE(provide_packages("6.1", paths_, steps_));
  EXPECT_EQ(provide_packages("./vmlinuz", paths_, steps_).error().fault, Fault::usage);
}

TEST_F(Store, AKernelWithoutManifestIsNotTrusted) {
  ASSERT_TRUE(provide("6.1"));
  fs::remove(paths_.cache / "kernels/6.1.0-1-cloud-amd64/manifest.json");
  ASSERT_TRUE(provide("6.1"));
  EXPECT_TRUE(steps_.mentions("no manifest"));
}

TEST_F(Store, LeavesNothingHalfDone) {
  for (const char* failing :
       {"echo 'dpkg-deb: error: failed to write (No space left on device)'; exit 2", "exit 1", "exit 0"}) {
    programs_.add("dpkg-deb", failing);
    EXPECT_FALSE(provide("6.1"));
    EXPECT_TRUE(kernels().empty());
  }
}

TEST_F(Store, NoSpaceIsSaid) {
  programs_.add("dpkg-deb", "echo 'failed to write (No space left on device)'; exit 2");
  EXPECT_EQ(provide("6.1").error().err, ENOSPC);
  programs_.add("apt-get", "echo 'E: Write error - write (28: No space left on device)'; exit 100");
  const auto kernel = provide("6.1");
  EXPECT_EQ(kernel.error().err, ENOSPC);
  EXPECT_NE(kernel.error().hint.find("XDG_CACHE_HOME"), std::string::npos);
}

TEST_F(Store, WhatAKilledRunLeftIsRemoved) {
  machine_.write("cache/kernels/.partial-1/root/boot/vmlinuz", "half");
  ASSERT_TRUE(provide("6.1"));
  EXPECT_EQ(kernels(), std::vector<std::string>{"6.1.0-1-cloud-amd64"});
}

TEST_F(Store, UnreadableNamesAreLookedUpAnew) {
  ASSERT_TRUE(provide("6.1"));
  machine_.write("cache/kernels/names.json", "{\"6.1\": ");
  EXPECT_TRUE(provide("6.1"));
}

TEST_F(Store, BadRequestsAreUsageErrors) {
  EXPECT_EQ(provide("6.7").error().fault, Fault::usage);
  RecordedSteps steps;
  EXPECT_EQ(provide_kernel({"6.1", "/headers", false}, paths_, steps).error().fault, Fault::usage);
}

TEST_F(Store, MissingAptIsSaid) {
  programs_.hide_all_others();
  fs::remove(fs::path(::getenv("PATH")) / "apt-get");
  EXPECT_NE(provide("6.1").error().what.find("apt-get and dpkg-deb are not found"), std::string::npos);
}

TEST_F(Store, AUsersCatalogMayNameAnImage) {
  machine_.write("h/Makefile", "all:\n");
  machine_.write("h/.config", "");
  machine_.write("h/Module.symvers", "");
  machine_.write("h/include/generated/utsrelease.h", "#define UTS_RELEASE \"6.1.0-1-cloud-amd64\"\n");
  paths_.kernels_file =
      machine_.write("mine.toml", "[[kernel]]\nname = \"mine\"\nimage = \"vmlinuz\"\nheaders = \"h\"\n");
  const auto kernel = provide("mine");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->name, "mine");
  EXPECT_EQ(kernel->headers, machine_.path() / "h");
  EXPECT_NE(provide("auto").error().message().find("names no flavour"), std::string::npos);
}

TEST_F(Store, TheSameNameInAUsersCatalogIsAnotherKernel) {
  ASSERT_TRUE(provide("6.1"));
  paths_.kernels_file = machine_.write(
      "mine.toml", "[[kernel]]\nname = \"6.1\"\nseries = \"6.2\"\nflavour = \"cloud-amd64\"\n");
  EXPECT_NE(provide("6.1").error().what.find("find a 6.1 kernel"), std::string::npos);
}

TEST_F(Store, OldBuildToolsNeedNothingMore) {
  machine_.write("root/usr/lib/linux-kbuild-6.1/scripts/basic/fixdep",
                 "\x7f"
                 "ELF");
  fs::permissions(machine_.path() / "root/usr/lib/linux-kbuild-6.1/scripts/basic/fixdep",
                  fs::perms::owner_all);
  programs_.add("ldd", "echo 'libc.so.6 => /lib/libc.so.6'");
  EXPECT_TRUE(*tools_run_here(machine_.path() / "root"));
  programs_.add(
      "ldd",
      "echo \"fixdep: /lib/libc.so.6: version \\`GLIBC_2.38' not found (required by fixdep)\"; exit 1");
  EXPECT_FALSE(*tools_run_here(machine_.path() / "root"));
}

TEST_F(Store, WrappedToolsStartWithTheirOwnLoaderAndMayMove) {
  const fs::path tool = "usr/lib/linux-kbuild-7.2/scripts/basic/fixdep";
  machine_.write("root" / tool,
                 "\x7f"
                 "ELF");
  fs::permissions(machine_.path() / "root" / tool, fs::perms::owner_all);
  EXPECT_FALSE(wrap_tools(machine_.path() / "root"));  // no loader
  machine_.write("root/usr/lib64/ld-linux-x86-64.so.2", "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done\n");
  fs::permissions(machine_.path() / "root/usr/lib64/ld-linux-x86-64.so.2", fs::perms::owner_all);
  ASSERT_TRUE(wrap_tools(machine_.path() / "root"));
  fs::rename(machine_.path() / "root", machine_.path() / "moved");
  fs::create_directories(machine_.path() / "moved/usr/src/h");
  fs::create_directory_symlink("../../lib/linux-kbuild-7.2/scripts",
                               machine_.path() / "moved/usr/src/h/scripts");
  const auto through = machine_.path() / "moved/usr/src/h/scripts/basic/fixdep";
  const auto done = run_command({{through.string(), "one two", "3"}}, std::chrono::seconds(10));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 0) << done->output;
  EXPECT_NE(done->output.find("\n" + through.string() + "\n" + through.string() + ".elf\none two\n3\n"),
            std::string::npos)
      << done->output;
}

}  // namespace
}  // namespace probebench::kernels
