// SPDX-License-Identifier: MIT
// The control device's promises, on a real kernel: root only, one owner, every argument bounded.
#include "kernel/control.h"

#include <elf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <span>

#include "base/file.h"
#include "pb_abi.h"

namespace probebench {
namespace {

constexpr const char* kDevice = "/dev/probebench";

class Device : public testing::Test {
 protected:
  void SetUp() override {
    fd_ = UniqueFd(::open(kDevice, O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(fd_);
  }

  // errno of an ioctl, 0 when it succeeds.
  template <typename T>
  int ask(unsigned long request, T& argument) const {
    return ::ioctl(fd_.get(), request, &argument) == 0 ? 0 : errno;
  }
  int attach(std::uint32_t mechanism, std::uint32_t site, std::uint32_t handler = PB_HANDLER_COUNT,
             std::uint32_t flags = 0) const {
    pb_attach request{};
    request.mechanism = mechanism;
    request.site = site;
    request.handler = handler;
    request.flags = flags;
    return ask(PB_IOC_ATTACH, request);
  }
  int detach() const { return ::ioctl(fd_.get(), PB_IOC_DETACH) == 0 ? 0 : errno; }
  static pb_window window(std::uint32_t calls) {
    pb_window request{};
    request.calls = calls;
    request.handler = PB_HANDLER_COUNT;
    return request;
  }

  UniqueFd fd_;
};

// Runs `act` in a child process; its return value is the child's exit code.
template <typename Act>
int in_child(Act act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

template <typename T>
std::span<const T> table_of(const std::string& file, const Elf64_Shdr& section) {
  return {reinterpret_cast<const T*>(file.data() + section.sh_offset), section.sh_size / sizeof(T)};
}

// Names of what lies in the section of an object file.
std::vector<std::string> symbols_in(const std::string& file, std::string_view wanted) {
  const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(file.data());
  const std::span sections(reinterpret_cast<const Elf64_Shdr*>(file.data() + header.e_shoff), header.e_shnum);
  const auto text = [&](const Elf64_Shdr& strings, std::size_t at) {
    return file.data() + strings.sh_offset + at;
  };
  std::vector<std::string> names;
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB) continue;
    for (const auto& symbol : table_of<Elf64_Sym>(file, section)) {
      if (symbol.st_shndx >= sections.size()) continue;
      if (text(sections[header.e_shstrndx], sections[symbol.st_shndx].sh_name) != wanted) continue;
      names.emplace_back(text(sections[section.sh_link], symbol.st_name));
    }
  }
  return names;
}

// Or a window of several CPUs would measure how a cache line goes from one to the other.
TEST(Module, HandlersCountOnTheirOwnCpu) {
  const auto file = read_file("/probebench.ko");
  ASSERT_TRUE(file);
  EXPECT_THAT(symbols_in(*file, ".data..percpu"),
              testing::IsSupersetOf({"pb_hits", "pb_unlisted", "pb_scratch"}));
}

TEST_F(Device, SelfTestPasses) {
  pb_selftest result{};
  ASSERT_EQ(ask(PB_IOC_SELFTEST, result), 0);
  EXPECT_GT(result.checks, 60u);
  EXPECT_EQ(result.failures, 0u) << result.first_failure;
}

TEST_F(Device, HasOneOwner) {
  EXPECT_LT(::open(kDevice, O_RDWR | O_CLOEXEC), 0);
  EXPECT_EQ(errno, EBUSY);
}

TEST_F(Device, RefusesAChildThatInheritedTheFile) {
  EXPECT_EQ(in_child([this] {
              pb_info info{};
              return ask(PB_IOC_INFO, info);
            }),
            EPERM);
}

TEST(DeviceFile, IsForRootOnly) {
  EXPECT_EQ(in_child([] {
              if (::setgid(1000) != 0 || ::setuid(1000) != 0) return 1;
              return ::open(kDevice, O_RDWR | O_CLOEXEC) < 0 ? errno : 0;
            }),
            EACCES);
}

// File permissions can be given away; the capability is asked for as well.
TEST(DeviceFile, WantsTheCapabilityToo) {
  EXPECT_EQ(in_child([] {
              const UniqueFd keep;
              if (::chmod(kDevice, 0666) != 0 || ::setuid(1000) != 0) return 1;
              return ::open(kDevice, O_RDWR | O_CLOEXEC) < 0 ? errno : 0;
            }),
            EPERM);
  EXPECT_EQ(::chmod(kDevice, 0600), 0);
}

TEST_F(Device, ReportsItsVersionAndLimits) {
  pb_info info{};
  ASSERT_EQ(ask(PB_IOC_INFO, info), 0);
  EXPECT_EQ(info.abi_version, static_cast<std::uint32_t>(PB_ABI_VERSION));
  EXPECT_LE(info.max_window_ns, 500'000u);
  EXPECT_GT(info.tsc_khz, 0u);
}

TEST_F(Device, RefusesArgumentsOutOfBounds) {
  EXPECT_EQ(attach(PB_NR_MECHANISMS, PB_SITE_MID), EINVAL);
  EXPECT_EQ(attach(PB_MECH_KPROBE, PB_NR_SITES), EINVAL);
  EXPECT_EQ(attach(PB_MECH_KPROBE, PB_SITE_MID, PB_NR_HANDLERS), EINVAL);
  EXPECT_EQ(attach(PB_MECH_KPROBE, PB_SITE_MID, PB_HANDLER_NOP, 1), EINVAL);
  EXPECT_EQ(attach(PB_MECH_FTRACE, PB_SITE_MID), EINVAL) << "ftrace cannot attach to a mid-body site";
  EXPECT_EQ(attach(PB_MECH_TRACEPOINT, PB_SITE_ENTRY), EINVAL);
  EXPECT_EQ(::ioctl(fd_.get(), _IO(PB_IOC_MAGIC, 99)), -1);
  EXPECT_EQ(errno, ENOTTY);
  EXPECT_EQ(::ioctl(fd_.get(), PB_IOC_WINDOW, nullptr), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(Device, BoundsTheArgumentsOfHandlers) {
  pb_attach request{};
  request.mechanism = PB_MECH_KPROBE;
  request.site = PB_SITE_MID;
  request.handler = PB_HANDLER_DELAY;
  request.delay_ns = 100'001;
  EXPECT_EQ(ask(PB_IOC_ATTACH, request), EINVAL);
  request.delay_ns = 0;
  request.reserved = 1;
  EXPECT_EQ(ask(PB_IOC_ATTACH, request), EINVAL);
  request.reserved = 0;
  request.handler = PB_HANDLER_STRING;
  EXPECT_EQ(ask(PB_IOC_ATTACH, request), EINVAL) << "no string";
}

TEST_F(Device, RefusesEvidenceWithUnknownFields) {
  pb_evidence evidence{};
  evidence.when = PB_EVIDENCE_WINDOW + 1;
  EXPECT_EQ(ask(PB_IOC_EVIDENCE, evidence), EINVAL);
  evidence.when = PB_EVIDENCE_NOW;
  evidence.reserved = 1;
  EXPECT_EQ(ask(PB_IOC_EVIDENCE, evidence), EINVAL);
}

TEST_F(Device, NeedsASiteBeforeAWindow) {
  auto request = window(1);
  EXPECT_EQ(ask(PB_IOC_WINDOW, request), ENOENT);
  EXPECT_EQ(detach(), ENOENT);
}

TEST_F(Device, BoundsTheTimeWithInterruptsOff) {
  ASSERT_EQ(attach(PB_MECH_KPROBE, PB_SITE_MID_STEP), 0);
  auto unknown_cost = window(17);
  EXPECT_EQ(ask(PB_IOC_WINDOW, unknown_cost), ENODATA);
  auto first = window(16);
  ASSERT_EQ(ask(PB_IOC_WINDOW, first), 0);
  EXPECT_EQ(first.hits, 16u);
  pb_window other_handler = window(17);
  other_handler.handler = PB_HANDLER_NOP;
  EXPECT_EQ(ask(PB_IOC_WINDOW, other_handler), ENODATA) << "its cost is not known yet";
  auto too_long = window(10000);  // some 500 instructions each, at 1 GHz
  EXPECT_EQ(ask(PB_IOC_WINDOW, too_long), E2BIG);
  auto too_many = window(10001);
  EXPECT_EQ(ask(PB_IOC_WINDOW, too_many), EINVAL);
  EXPECT_EQ(detach(), 0);
}

TEST_F(Device, AttachesOneProbeAtATime) {
  ASSERT_EQ(attach(PB_MECH_KPROBE, PB_SITE_MID), 0);
  EXPECT_EQ(attach(PB_MECH_KPROBE, PB_SITE_MID), EBUSY);
  pb_selftest result{};
  EXPECT_EQ(ask(PB_IOC_SELFTEST, result), EBUSY);
  EXPECT_EQ(detach(), 0);
}

TEST_F(Device, DetachesWhenItIsClosed) {
  ASSERT_EQ(attach(PB_MECH_KPROBE, PB_SITE_MID_STEP), 0);
  pb_evidence armed{};
  ASSERT_EQ(ask(PB_IOC_EVIDENCE, armed), 0);
  EXPECT_EQ(armed.site[0], 0xcc);
  fd_.reset();
  fd_ = UniqueFd(::open(kDevice, O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(fd_);
  pb_attach select{};
  select.mechanism = PB_MECH_KPROBE;
  select.site = PB_SITE_MID_STEP;
  ASSERT_EQ(ask(PB_IOC_SELECT, select), 0);
  pb_evidence after{};
  ASSERT_EQ(ask(PB_IOC_EVIDENCE, after), 0);
  EXPECT_EQ(after.site[0], 0xf2);
  EXPECT_EQ(after.flags & PB_EV_ATTACHED, 0u);
}

}  // namespace
}  // namespace probebench
