// SPDX-License-Identifier: MIT
#include "kernels/kernel_image.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "kernels/elf_file.h"
#include "kernels/kernel_headers.h"
#include "kernels_fixture.h"

namespace probebench::kernels {
namespace {

const std::string kRelease = "6.1.0-56-cloud-amd64";

std::string complaint(std::string_view bytes) {
  const auto image = parse_boot_image(bytes, "x");
  return image ? "" : image.error().what;
}

TEST(BootImage, ReleaseAndPackedKernel) {
  const auto bytes = kernels::fake_boot_image(kRelease);
  const auto image = parse_boot_image(bytes, "x");
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->release, kRelease);
  const auto kernel = unpack_kernel(*image, "x");
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->size(), 8196u);
}

// Its header's magic, a banner, and BTF of that length between other bytes.
std::string fake_arm64_image(std::uint32_t types) {
  std::string image(64, '\0');
  image.replace(0x38, 4, "ARM\x64");
  image += "Linux version 6.12.1-cloud-arm64 (x) #1\n";
  image += std::string("\x9f\xeb\x01\x00\x18\x00\x00\x00", 8);
  const std::uint32_t sizes[] = {0, types, types, 10};
  image.append(reinterpret_cast<const char*>(sizes), sizeof sizes);
  return image + std::string(types, 't') + std::string(10, 's') + "behind";
}

TEST(BootImage, OfArm64IsTheKernelItself) {
  const auto bytes = fake_arm64_image(200'000);
  EXPECT_TRUE(is_arm64_image(bytes));
  EXPECT_FALSE(is_arm64_image(kernels::fake_boot_image(kRelease)));
  Kernel kernel;
  ASSERT_TRUE(unpack_image(bytes, "/boot/vmlinuz", "/none", kernel));
  EXPECT_EQ(kernel.release, "6.12.1-cloud-arm64");
  EXPECT_EQ(kernel.arch, ArchId::arm64);
  EXPECT_EQ(kernel.image, "/boot/vmlinuz");
  EXPECT_FALSE(kernel.pvh);
}

TEST(BootImage, BtfIsFoundByItsHeader) {
  const auto found = find_btf(fake_arm64_image(200'000));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 24u + 200'000 + 10);
  EXPECT_FALSE(find_btf(fake_arm64_image(50)));  // a test's, among others of the image
  EXPECT_FALSE(find_btf(fake_arm64_image(200'000).substr(0, 100'000)));
}

TEST(BootImage, RefusesWhatIsNoKernel) {
  EXPECT_NE(complaint("").find("too short"), std::string::npos);
  EXPECT_NE(complaint(std::string(4096, 'x')).find("not a kernel"), std::string::npos);
  auto old = kernels::fake_boot_image(kRelease);
  old[0x206] = 0x07;
  EXPECT_NE(complaint(old).find("older"), std::string::npos);
  auto nameless = kernels::fake_boot_image(kRelease);
  nameless[0x20e] = nameless[0x20f] = 0;
  EXPECT_NE(complaint(nameless).find("release"), std::string::npos);
}

TEST(BootImage, RefusesAReleaseThatIsNoName) {
  for (const char* release : {"..", "../../etc", "6.1/x", "6.1\n"}) {
    EXPECT_NE(complaint(kernels::fake_boot_image(release)).find("its release"), std::string::npos) << release;
  }
}

TEST(BootImage, RefusesACutImageAtEveryLength) {
  const auto bytes = kernels::fake_boot_image(kRelease);
  for (std::size_t length = 0; length < bytes.size(); length += 37) {
    EXPECT_FALSE(parse_boot_image(std::string_view(bytes).substr(0, length), "x")) << length;
  }
}

TEST(BootImage, RefusesADamagedPayload) {
  auto bytes = kernels::fake_boot_image(kRelease);
  bytes[1024 + 14] = static_cast<char>(~bytes[1024 + 14]);
  EXPECT_FALSE(unpack_kernel(*parse_boot_image(bytes, "x"), "x"));
  auto huge = kernels::fake_boot_image(kRelease);
  huge.back() = '\x7f';  // claims to be 2 GB
  EXPECT_FALSE(unpack_kernel(*parse_boot_image(huge, "x"), "x"));
}

std::string elf_with_note(std::uint32_t type, std::string_view name) {
  Elf64_Ehdr header{};
  header.e_phoff = sizeof header;
  header.e_phnum = 1;
  Elf64_Phdr program{};
  program.p_type = PT_NOTE;
  program.p_offset = sizeof header + sizeof program;
  program.p_filesz = sizeof(Elf64_Nhdr) + 8;
  const Elf64_Nhdr note{static_cast<Elf64_Word>(name.size()), 4, type};
  std::string elf(reinterpret_cast<const char*>(&header), sizeof header);
  elf.append(reinterpret_cast<const char*>(&program), sizeof program);
  elf.append(reinterpret_cast<const char*>(&note), sizeof note);
  return elf + std::string(name) + std::string(8 - name.size(), '\0');
}

TEST(BootImage, PvhEntryIsXensNote18) {
  const std::string_view xen("Xen\0", 4);
  const auto elf = elf_with_note(18, xen);
  EXPECT_TRUE(has_pvh_entry(elf));
  EXPECT_FALSE(has_pvh_entry(elf_with_note(17, xen)));
  EXPECT_FALSE(has_pvh_entry(elf_with_note(18, std::string_view("GNU\0", 4))));
  EXPECT_FALSE(has_pvh_entry(std::string_view(elf).substr(0, elf.size() - 4)));
  EXPECT_FALSE(has_pvh_entry(""));
}

TEST(ElfSection, IsFoundByItsName) {
  const auto elf = elf_with_section(".BTF", "types");
  EXPECT_EQ(elf_section(elf, ".BTF"), "types");
  EXPECT_FALSE(elf_section(elf, ".BT"));
  EXPECT_FALSE(elf_section(elf, ".BTF.base"));
}

TEST(ElfSection, ADamagedFileHasNone) {
  const auto elf = elf_with_section(".BTF", "types");
  EXPECT_FALSE(elf_section("", ".BTF"));
  EXPECT_FALSE(elf_section("no ELF file at all, but long enough for a header of sixty-four bytes", ".BTF"));
  EXPECT_FALSE(elf_section(elf.substr(0, 100), ".BTF"));
}

class Headers : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_.write("h/Makefile", "include /usr/src/linux-headers-6.1.0-56-common/Makefile\n");
    directory_.write("h/.config", "CONFIG_X=y\n");
    directory_.write("h/Module.symvers", "");
    directory_.write("h/include/generated/utsrelease.h", "#define UTS_RELEASE \"" + kRelease + "\"\n");
  }
  fs::path headers() const { return directory_.path() / "h"; }
  std::string complaint() const {
    const auto checked = check_headers(headers(), kRelease);
    return checked ? "" : checked.error().what;
  }
  TemporaryDirectory directory_;
};

TEST_F(Headers, AcceptsACompleteDirectory) {
  EXPECT_EQ(complaint(), "");
}

TEST_F(Headers, NamesWhatIsMissing) {
  fs::remove(headers() / ".config");
  EXPECT_NE(complaint().find("it has neither .config"), std::string::npos);
  fs::remove(headers() / "Makefile");
  EXPECT_NE(complaint().find("it has no Makefile"), std::string::npos);
  fs::remove_all(headers());
  EXPECT_NE(complaint().find("not a directory"), std::string::npos);
}

TEST_F(Headers, RefusesAnotherRelease) {
  const auto checked = check_headers(headers(), "6.12.1");
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().what.find("it is for " + kRelease + ", the kernel is 6.12.1"), std::string::npos);
}

TEST_F(Headers, FindsTheCommonMakefileBeside) {
  EXPECT_FALSE(headers_makefile(headers()));
  const auto common = directory_.write("linux-headers-6.1.0-56-common/Makefile", "all:\n");
  const auto found = headers_makefile(headers());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_TRUE(fs::equivalent(*found, common));
}

TEST_F(Headers, TakesTheKernelsCompilerOnlyWhenInstalled) {
  const FakePrograms programs;
  programs.hide_all_others();
  directory_.write("h/.kernelvariables",
                   "CCACHE = ccache\nCC = $(if $(X),$(CCACHE)) $(CROSS_COMPILE)gcc-10\n");
  EXPECT_EQ(headers_compiler(headers()), "gcc");
  programs.add("gcc-10", "exit 0");
  EXPECT_EQ(headers_compiler(headers()), "gcc-10");
}

TEST(Config, FindsWholeSettingsOnly) {
  EXPECT_TRUE(config_has("CONFIG_FPROBE=y\n", "CONFIG_FPROBE"));
  EXPECT_FALSE(
      config_has("CONFIG_FPROBE=m\n# CONFIG_FPROBE is not set\nXCONFIG_FPROBE=y\n", "CONFIG_FPROBE"));
}

TEST(Config, ListsTheOptionsThatCostInOneOrder) {
  EXPECT_EQ(cost_options_of("CONFIG_PROVE_LOCKING=y\nCONFIG_NET=y\nCONFIG_PREEMPTION=y\n"),
            "PREEMPTION PROVE_LOCKING");
  EXPECT_EQ(cost_options_of("# CONFIG_PREEMPTION is not set\nCONFIG_KASAN=m\n"), "");
}

}  // namespace
}  // namespace probebench::kernels
