// SPDX-License-Identifier: MIT
#include "kernels/users_kernel.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/digest.h"
#include "kernels/kernel_catalog.h"
#include "store_fixture.h"

namespace probebench::kernels {
namespace {

const std::string kUsersRelease = "6.1.0-1-cloud-amd64";

// The machine of the user, who has kernels in many forms.
class UsersKernel : public Store {
 protected:
  void headers(const std::string& place, const std::string& config = ".config") {
    machine_.write(place + "/Makefile", "all:\n");
    machine_.write(place + "/" + config, "CONFIG_KPROBES=y\n");
    machine_.write(place + "/Module.symvers", "");
    machine_.write(place + "/include/generated/utsrelease.h",
                   std::string("#define UTS_RELEASE \"") + kUsersRelease + "\"\n");
  }
  void image(const std::string& place) { machine_.write(place, fake_boot_image(kUsersRelease)); }
  std::string at(const std::string& place) const { return (machine_.path() / place).string(); }
  Result<Kernel> found(const std::string& place, const std::string& headers = "") {
    return kernel_by_path(at(place), headers.empty() ? fs::path() : fs::path(at(headers)), paths_.cache,
                          steps_);
  }
  void expect_headers(const std::string& place, const std::string& headers) {
    const auto kernel = found(place);
    ASSERT_TRUE(kernel) << kernel.error().message();
    EXPECT_EQ(kernel->release, kUsersRelease);
    EXPECT_EQ(kernel->headers, at(headers));
    EXPECT_EQ(kernel->note, "");
  }
};

std::string deb_around(const std::string& data) {
  return packed({{"debian-binary", "2.0\n"}, {"control.tar.xz", "x"}, {"data.tar.xz", data}},
                archive_write_set_format_ar_svr4, archive_write_add_filter_none);
}

std::string deb_of(const std::vector<PackedEntry>& entries) {
  return deb_around(packed(entries, archive_write_set_format_gnutar, archive_write_add_filter_xz));
}

// Its last entry says that it is as large as a tar file's head can say, 8 GiB less a byte.
std::string deb_of_claims(const std::vector<PackedEntry>& entries) {
  constexpr std::size_t kSize = 124, kSum = 148, kHead = 512;
  auto tar = packed(entries, archive_write_set_format_gnutar, archive_write_add_filter_none);
  const auto head = tar.find(entries.back().name);
  tar.replace(head + kSize, 11, "77777777777");
  tar.replace(head + kSum, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < kHead; ++i) sum += static_cast<unsigned char>(tar[head + i]);
  tar.replace(head + kSum, 7, fmt::format("{:06o}", sum) + '\0');
  return deb_around(tar);
}

// The head of a package (a lead, an empty signature and an empty header), then its archive.
std::string rpm_of(const std::vector<PackedEntry>& entries) {
  std::string head(96, '\0');
  head.replace(0, 5, "\xed\xab\xee\xdb\x03");
  for (int i = 0; i < 2; ++i) head += std::string("\x8e\xad\xe8\x01", 4) + std::string(12, '\0');
  return head + packed(entries, archive_write_set_format_cpio_newc, archive_write_add_filter_gzip);
}

TEST_F(UsersKernel, IsAnImageWithItsHeaders) {
  const auto image = (machine_.path() / "vmlinuz").string();
  const auto headers = machine_.path() / "h";
  machine_.write("h/Makefile", "all:\n");
  machine_.write("h/.config", "");
  machine_.write("h/Module.symvers", "");
  machine_.write("h/include/generated/utsrelease.h", "#define UTS_RELEASE \"6.1.0-1-cloud-amd64\"\n");
  const auto kernel = provide_kernel({image, headers, false}, paths_, steps_);
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->release, "6.1.0-1-cloud-amd64");
  const auto missing = provide_kernel({image + "x", headers, false}, paths_, steps_);
  EXPECT_EQ(missing.error().fault, Fault::usage);
  EXPECT_EQ(missing.error().err, ENOENT);
  EXPECT_NE(missing.error().what.find(image + "x"), std::string::npos);
}

// make takes no path with a blank, which a link need not lead to.
TEST_F(UsersKernel, HeadersOfALinkAreWhereItLeads) {
  image("vmlinuz-of-mine");
  headers("h");
  fs::create_directory(machine_.path() / "a blank");
  fs::create_directory_symlink(machine_.path() / "h", machine_.path() / "a blank/headers");
  const auto kernel = kernel_by_path(machine_.path() / "vmlinuz-of-mine", machine_.path() / "a blank/headers",
                                     paths_.cache, steps_);
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->headers, fs::canonical(machine_.path() / "h"));
}

TEST_F(UsersKernel, IsABuildTree) {
  const auto tree = machine_.path() / "linux";
  machine_.write("linux/Makefile", "all:\n");
  machine_.write("linux/.config", "");
  machine_.write("linux/include/generated/utsrelease.h", "#define UTS_RELEASE \"6.1.0-1-cloud-amd64\"\n");
  const auto unbuilt = provide(tree.string());
  EXPECT_NE(unbuilt.error().message().find("no arch/x86/boot/bzImage"), std::string::npos);
  machine_.write("linux/arch/x86/boot/bzImage", kernels::fake_boot_image("6.1.0-1-cloud-amd64"));
  EXPECT_NE(provide(tree.string()).error().message().find("no Module.symvers; run make there"),
            std::string::npos);
  machine_.write("linux/Module.symvers", "");
  const auto kernel = provide(tree.string());
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->headers, tree);
}

// make O=: the output directory is where modules are built.
TEST_F(UsersKernel, AnOutputDirectoryIsATree) {
  image("out/arch/x86/boot/bzImage");
  headers("out");
  machine_.write("out/Makefile", "include /usr/src/linux/Makefile\n");
  expect_headers("out", "out");
  expect_headers("out/", "out/");
}

// make runs in a directory of its own, and the folders above an image are more than its name says.
TEST_F(UsersKernel, ARelativePathIsFromHere) {
  image("out/arch/x86/boot/bzImage");
  headers("out");
  image("boot/vmlinuz-" + kUsersRelease);
  headers("usr/src/linux-headers-" + kUsersRelease);
  const auto before = fs::current_path();
  fs::current_path(machine_.path() / "boot");
  const auto tree = kernel_by_path("../out/", {}, paths_.cache, steps_);
  const auto installed = kernel_by_path("./vmlinuz-" + kUsersRelease, {}, paths_.cache, steps_);
  fs::current_path(before);
  ASSERT_TRUE(tree && installed);
  EXPECT_TRUE(tree->headers.is_absolute());
  EXPECT_TRUE(fs::equivalent(tree->headers, machine_.path() / "out"));
  EXPECT_TRUE(fs::equivalent(installed->headers, at("usr/src/linux-headers-" + kUsersRelease)))
      << installed->headers;
}

TEST_F(UsersKernel, HeadersLieBesideTheImage) {
  image("fedora/lib/modules/" + kUsersRelease + "/vmlinuz");
  headers("fedora/lib/modules/" + kUsersRelease + "/build");
  const auto build = "fedora/lib/modules/" + kUsersRelease + "/build";
  expect_headers("fedora/lib/modules/" + kUsersRelease + "/vmlinuz", build);
  expect_headers("fedora/lib/modules/" + kUsersRelease, build);
  expect_headers("fedora", build);
  image("ubuntu/boot/vmlinuz-" + kUsersRelease);
  headers("ubuntu/usr/src/linux-headers-" + kUsersRelease);
  expect_headers("ubuntu/boot/vmlinuz-" + kUsersRelease, "ubuntu/usr/src/linux-headers-" + kUsersRelease);
  expect_headers("ubuntu", "ubuntu/usr/src/linux-headers-" + kUsersRelease);
}

// Its link leads to where it was built, as its own root has it.
TEST_F(UsersKernel, TheTreeThatAnImageLiesInHasItsHeaders) {
  headers("tree");
  image("tree/arch/x86/boot/bzImage");
  expect_headers("tree/arch/x86/boot/bzImage", "tree");
  machine_.write("tree/vmlinux", fake_boot_image(kUsersRelease));
  expect_headers("tree/vmlinux", "tree");
}

TEST_F(UsersKernel, ALinkOfAnotherRootIsFollowedWithinIt) {
  const std::string release = kUsersRelease;
  image("tar/boot/vmlinuz-" + release);
  headers("tar/home/me/linux");
  fs::create_directories(machine_.path() / "tar/lib/modules" / release);
  fs::create_symlink("/home/me/linux", machine_.path() / "tar/lib/modules" / release / "build");
  expect_headers("tar", "tar/home/me/linux");
}

TEST_F(UsersKernel, HeadersOfBindebPkgHaveNoDotConfig) {
  image("boot/vmlinuz");
  headers("h", "include/config/auto.conf");
  const auto kernel = found("boot/vmlinuz", "h");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->config, at("h/include/config/auto.conf"));
}

TEST_F(UsersKernel, ABareImageHasNoHeadersAndSaysSo) {
  image("alone/bzImage");
  const auto kernel = found("alone/bzImage");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_TRUE(kernel->headers.empty());
  EXPECT_TRUE(kernel->config.empty());
  EXPECT_NE(kernel->note.find("no headers for 6.1.0-1-cloud-amd64 lie beside"), std::string::npos)
      << kernel->note;
  EXPECT_NE(kernel->note.find("give --headers"), std::string::npos) << kernel->note;
  EXPECT_EQ(kernel->digest, sha256_text(fake_boot_image(kUsersRelease)));
}

// Those that the user names are another matter: they have to be right.
TEST_F(UsersKernel, GivenHeadersAreNotReplacedByOthers) {
  image("boot/vmlinuz-" + kUsersRelease);
  headers("usr/src/linux-headers-" + kUsersRelease);
  machine_.write("empty/x", "");
  EXPECT_NE(found("boot/vmlinuz-" + kUsersRelease, "empty").error().message().find("no Makefile"),
            std::string::npos);
}

TEST_F(UsersKernel, AnElfKernelNeedsAPvhEntry) {
  machine_.write("vmlinux",
                 elf_with_section(".rodata", std::string("Linux version ") + kUsersRelease + " (me)"));
  EXPECT_NE(found("vmlinux").error().message().find("no PVH entry"), std::string::npos);
  machine_.write("ls", elf_with_section(".rodata", "ls"));
  EXPECT_NE(found("ls").error().message().find("no kernel"), std::string::npos);
}

TEST_F(UsersKernel, AFolderOfImagesIsAListOfKernels) {
  for (const char* name : {"boot/vmlinuz-6.12", "boot/vmlinuz-6.1", "boot/bzImage-mine",
                           "boot/initrd.img-6.1", "boot/config-6.1", "boot/System.map-6.1"}) {
    image(name);
  }
  EXPECT_EQ(kernels_at(at("boot")),
            (std::vector{at("boot/bzImage-mine"), at("boot/vmlinuz-6.1"), at("boot/vmlinuz-6.12")}));
  const auto catalog = load_catalog(paths_.catalog());
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->expand("6.1," + at("boot"))->size(), 4U);
  EXPECT_NE(found("boot").error().message().find("give one of"), std::string::npos);
  machine_.write("none/readme", "");
  EXPECT_NE(found("none").error().message().find("no kernel is in it"), std::string::npos);
}

TEST_F(UsersKernel, ABareNameIsWhatLiesHereUnlessTheCatalogHasIt) {
  const auto catalog = load_catalog(paths_.catalog());
  ASSERT_TRUE(catalog);
  const auto before = fs::current_path();
  fs::current_path(machine_.path());
  image("linux/arch/x86/boot/bzImage");
  image("6.1/arch/x86/boot/bzImage");
  const auto expanded = catalog->expand("linux,6.1");
  fs::current_path(before);
  ASSERT_TRUE(expanded) << expanded.error().message();
  EXPECT_EQ(*expanded, (std::vector<std::string>{"./linux", "6.1"}));
}

TEST_F(UsersKernel, PackagesAreUnpackedOnce) {
  const std::string release = kUsersRelease;
  const std::string place = "./usr/src/linux-headers-" + release;
  machine_.write("image.deb", deb_of({{"./boot/vmlinuz-" + release, fake_boot_image(kUsersRelease)}}));
  machine_.write(
      "headers.deb",
      deb_of({{place + "/Makefile", "all:\n"},
              {place + "/include/config/auto.conf", "CONFIG_KPROBES=y\n"},
              {place + "/Module.symvers", ""},
              {place + "/include/generated/utsrelease.h", "#define UTS_RELEASE \"" + release + "\"\n"}}));
  const auto kernel = found("image.deb", "headers.deb");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->release, kUsersRelease);
  EXPECT_TRUE(fs::exists(kernel->headers / "Makefile"));
  EXPECT_TRUE(steps_.mentions("unpacking image.deb"));
  steps_.steps.clear();
  ASSERT_TRUE(found("image.deb", "headers.deb"));
  EXPECT_TRUE(steps_.steps.empty());
  EXPECT_NE(found("image.deb", "image.deb").error().message().find("none in it are for"), std::string::npos);
}

TEST_F(UsersKernel, AnRpmHasItsImageBesideItsModules) {
  machine_.write("kernel.rpm",
                 rpm_of({{"./lib/modules/" + kUsersRelease + "/vmlinuz", fake_boot_image(kUsersRelease)}}));
  const auto kernel = found("kernel.rpm");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->release, kUsersRelease);
}

// What a package says stays below its own folder.
TEST_F(UsersKernel, APackageLeadsNowhereElse) {
  const auto outside = at("outside");
  machine_.write("outside/precious", "precious");
  const std::vector<std::vector<PackedEntry>> hostile{
      {{"../../../outside/precious", "gone"}},
      {{"./boot/../../../../outside/precious", "gone"}},
      {{"./boot", outside, AE_IFLNK}, {"./boot/precious", "gone"}},
      {{"./boot\x01/vmlinuz", "x"}},
  };
  for (const auto& entries : hostile) {
    machine_.write("hostile.deb", deb_of(entries));
    EXPECT_FALSE(found("hostile.deb")) << entries.back().name;
    EXPECT_EQ(*read_file(machine_.path() / "outside/precious"), "precious") << entries.back().name;
  }
  for (const auto& [name, content] : std::initializer_list<std::pair<std::string, std::string>>{
           {"text.deb", "no package"},
           {"cut.rpm", rpm_of({{"./a", "b"}}).substr(0, 100)},
           {"empty.deb", ""}}) {
    machine_.write(name, content);
    const auto refused = found(name);
    ASSERT_FALSE(refused) << name;
    EXPECT_NE(refused.error().message().find(name), std::string::npos) << refused.error().message();
  }
}

TEST_F(UsersKernel, APackageFillsNoDisk) {
  machine_.write("zeros.deb", deb_of_claims({{"./boot/a", "two"}, {"./boot/zeros", ""}}));
  const auto refused = found("zeros.deb");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("zeros.deb: it unpacks to more than 8 GiB"), std::string::npos)
      << refused.error().message();
}

}  // namespace
}  // namespace probebench::kernels
