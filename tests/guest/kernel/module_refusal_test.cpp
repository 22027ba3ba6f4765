// SPDX-License-Identifier: MIT
// Why a module is refused, on made-up trees.
#include "kernel/module_refusal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"

namespace probebench::kernel {
namespace {

constexpr unsigned kRootUser = 0, kAnotherUser = 1000;

class Refusal : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("module_refusal_test." + std::to_string(::getpid()));
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void put(const std::string& path, std::string_view content) {
    fs::create_directories((root_ / path).parent_path());
    ASSERT_TRUE(write_file_atomic(root_ / path, content));
  }
  std::string why(int err, unsigned user) { return module_refusal(err, user, false, root_).what; }

  fs::path root_;
};

TEST_F(Refusal, LockdownIsTheModeInBrackets) {
  EXPECT_EQ(lockdown(root_), "");
  put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
  EXPECT_EQ(lockdown(root_), "");
  put("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  EXPECT_EQ(lockdown(root_), "lockdown=confidentiality");
}

TEST_F(Refusal, EpermHasManyReasons) {
  EXPECT_EQ(why(EPERM, kAnotherUser), "load the helper module: only root may");
  EXPECT_NE(why(EPERM, kRootUser).find("CAP_SYS_MODULE"), std::string::npos);
  put("proc/sys/kernel/modules_disabled", "1\n");
  EXPECT_NE(why(EPERM, kRootUser).find("kernel.modules_disabled is 1"), std::string::npos);
  put("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  EXPECT_NE(why(EPERM, kRootUser).find("lockdown=integrity takes only modules that are signed"),
            std::string::npos);
}

TEST_F(Refusal, ASignatureIsNamedWithWhatWouldGiveIt) {
  const auto plain = module_refusal(EKEYREJECTED, kRootUser, false, root_);
  EXPECT_NE(plain.message().find("--sign KEY"), std::string::npos) << plain.message();
  EXPECT_EQ(plain.message().find("Secure Boot"), std::string::npos) << plain.message();
  put("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
      std::string_view("\6\0\0\0\1", 5));
  EXPECT_NE(why(EKEYREJECTED, kRootUser).find("(Secure Boot is on)"), std::string::npos);
  const auto foreign = module_refusal(EKEYREJECTED, kRootUser, true, root_);
  EXPECT_NE(foreign.message().find("the key of --sign is none"), std::string::npos) << foreign.message();
  EXPECT_NE(foreign.message().find("mokutil --import"), std::string::npos) << foreign.message();
}

TEST_F(Refusal, ASignedModuleIsKnownByItsEnd) {
  put("plain.ko", "module");
  put("signed.ko", "module~Module signature appended~\n");
  EXPECT_FALSE(is_signed(root_ / "plain.ko"));
  EXPECT_TRUE(is_signed(root_ / "signed.ko"));
  EXPECT_FALSE(is_signed(root_ / "none.ko"));
}

TEST_F(Refusal, EachErrnoIsNamed) {
  EXPECT_NE(why(ENOSYS, kRootUser).find("CONFIG_MODULES=n"), std::string::npos);
  EXPECT_NE(why(EKEYREJECTED, kRootUser).find("signed by a key it trusts"), std::string::npos);
  EXPECT_NE(why(ENOEXEC, kRootUser).find("not those of the running kernel"), std::string::npos);
  EXPECT_NE(why(EEXIST, kRootUser).find("loaded already"), std::string::npos);
  const auto other = module_refusal(ENOMEM, kRootUser, false, root_);
  EXPECT_EQ(other.err, ENOMEM);
  EXPECT_EQ(other.fault, Fault::unsupported);
}

TEST_F(Refusal, APermissionIsNoKernelVersion) {
  EXPECT_NE(permission_needed(kAnotherUser, root_).find("CAP_BPF"), std::string::npos);
  EXPECT_EQ(permission_needed(kRootUser, root_).find("Linux"), std::string::npos);
  put("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  EXPECT_EQ(permission_needed(kRootUser, root_), "a boot without lockdown=confidentiality");
}

TEST_F(Refusal, TheHolderOfADeviceIsAProcess) {
  EXPECT_EQ(holder_of("/dev/probebench", root_), "");
  for (const auto& own : {std::string("self"), std::to_string(::getpid())}) {
    fs::create_directories(root_ / "proc" / own / "fd");
    fs::create_symlink("/dev/probebench", root_ / "proc" / own / "fd/5");
  }
  EXPECT_EQ(holder_of("/dev/probebench", root_), "");
  put("proc/17/comm", "keeper\n");
  fs::create_directories(root_ / "proc/17/fd");
  fs::create_symlink("/dev/probebench", root_ / "proc/17/fd/5");
  EXPECT_EQ(holder_of("/dev/probebench", root_), "process 17 (keeper)");
}

}  // namespace
}  // namespace probebench::kernel
