// SPDX-License-Identifier: MIT
// Random requests to the control device: most of them make sense but for one number, some have wild pointers.
// A splat ends the guest (panic_on_warn). PB_FUZZ_REQUESTS and PB_FUZZ_SEED, on the kernel's command line,
// say how many and which.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "base/file.h"
#include "base/unique_fd.h"
#include "kernel/put_back.h"
#include "pb_abi.h"

namespace probebench {
namespace {

constexpr std::uint64_t kRequests = 5'000;
constexpr std::uint64_t kRequestsOfAnOwner = 2'000;
constexpr unsigned kRarely = 40;  // what registers, patches or waits takes milliseconds
constexpr std::uint64_t kMostQuietNs = 1'000'000;
constexpr std::size_t kArgumentBytes = 4096;

constexpr std::array<unsigned long, 19> kCommands{
    PB_IOC_INFO,       PB_IOC_ATTACH,      PB_IOC_DETACH,       PB_IOC_EVIDENCE,     PB_IOC_WINDOW,
    PB_IOC_SELFTEST,   PB_IOC_SELECT,      PB_IOC_SET_DEFINE,   PB_IOC_SET_ARM,      PB_IOC_SET_HANDLER,
    PB_IOC_SET_TOTALS, PB_IOC_SET_READ,    PB_IOC_SET_EVIDENCE, PB_IOC_SET_DISARM,   PB_IOC_SET_CLEAR,
    PB_IOC_SET_TICKS,  PB_IOC_FIELD_SITES, PB_IOC_FIELD_WINDOW, PB_IOC_FIELD_HANDLER};

constexpr std::array<unsigned long, 8> kSlow{PB_IOC_ATTACH,     PB_IOC_DETACH,   PB_IOC_SELFTEST,
                                             PB_IOC_SET_DEFINE, PB_IOC_SET_ARM,  PB_IOC_SET_HANDLER,
                                             PB_IOC_SET_DISARM, PB_IOC_SET_CLEAR};

constexpr std::array<std::uint64_t, 27> kNasty{0,
                                               1,
                                               2,
                                               7,
                                               16,
                                               17,
                                               31,
                                               255,
                                               256,
                                               1024,
                                               1025,
                                               2048,
                                               2049,
                                               4096,
                                               10000,
                                               100001,
                                               0x7fffffff,
                                               0x80000000,
                                               0xffffffff,
                                               0x7fffffffffff,
                                               0x800000000000,
                                               0x7fffffffffffffff,
                                               0x8000000000000000,
                                               0xdead000000000100,
                                               0xffffffff81000000,
                                               0xfffffffffffff000,
                                               ~0ull};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Fuzzer {
 public:
  explicit Fuzzer(std::uint64_t seed) : random_(seed) {}

  // Opens the device for so many requests; false when it cannot be opened.
  bool own(std::uint64_t requests) {
    disown();
    fd_ = UniqueFd(::open("/dev/probebench", O_RDWR | O_CLOEXEC));
    if (!fd_) return false;
    ask(PB_IOC_INFO, &info_);
    field_.resize(PB_FIELD_FUNCTIONS);
    pb_field_sites sites{PB_FIELD_ON_FUNCTIONS, PB_FIELD_FUNCTIONS, address_of(field_.data())};
    ask(PB_IOC_FIELD_SITES, &sites);
    while (requests-- > 0) request_one();
    return true;
  }

  void disown() { fd_.reset(); }

  std::uint64_t longest_ns = 0;  // with interrupts off
  std::string longest_of;
  std::uint64_t accepted = 0;

 private:
  template <typename T>
  static std::uint64_t address_of(T* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
  }
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::uint64_t nasty() { return one_in(4) ? random_() : kNasty[below(kNasty.size())]; }
  template <typename T>
  T& argument() {
    return *reinterpret_cast<T*>(argument_.data());
  }
  int ask(unsigned long command, void* pointer) const { return ::ioctl(fd_.get(), command, pointer); }

  unsigned long choose() {
    for (;;) {
      const auto command = kCommands[below(kCommands.size())];
      const bool slow = std::ranges::find(kSlow, command) != kSlow.end();
      if (!slow || one_in(kRarely)) return command;
    }
  }

  void fill_attach() {
    auto& to = argument<pb_attach>();
    to.mechanism = static_cast<std::uint32_t>(below(PB_NR_MECHANISMS));
    to.site = static_cast<std::uint32_t>(below(PB_NR_SITES));
    to.handler = static_cast<std::uint32_t>(below(PB_NR_HANDLERS));
    to.delay_ns = static_cast<std::uint32_t>(below(100'001));
    to.user_string = address_of(user_.data());
  }
  void fill_set() {
    auto& to = argument<pb_set>();
    to.mechanism = static_cast<std::uint32_t>(below(PB_NR_MECHANISMS));
    to.handler = static_cast<std::uint32_t>(below(PB_NR_HANDLERS));
    to.flags = static_cast<std::uint32_t>(below(2));
    to.count = 1 + static_cast<std::uint32_t>(below(one_in(8) ? 200 : 16));
    to.delay_ns = static_cast<std::uint32_t>(below(100'001));
    to.maxactive = one_in(4) ? static_cast<std::uint32_t>(below(64)) : 0;
    to.user_string = address_of(user_.data());
    for (std::uint32_t i = 0; i < to.count; ++i)
      user_[i] = one_in(20) ? nasty() : field_[below(field_.size())];
    to.addresses = address_of(user_.data());
  }
  void fill_window() {
    auto& to = argument<pb_window>();
    to.subject = static_cast<std::uint32_t>(below(2));
    to.handler = static_cast<std::uint32_t>(below(PB_NR_HANDLERS));
    to.calls = 1 + static_cast<std::uint32_t>(below(one_in(3) ? 10'000 : 16));
    to.flags = one_in(4) ? static_cast<std::uint32_t>(below(8)) : 0;
  }
  void fill_field_window() {
    auto& to = argument<pb_field_window>();
    to.layout = static_cast<std::uint32_t>(below(3));
    to.ops = static_cast<std::uint32_t>(below(50));
    to.work = static_cast<std::uint32_t>(below(PB_FIELD_MAX_WORK + 1));
    to.calls = 1 + static_cast<std::uint32_t>(below(PB_FIELD_MAX_CALLS));
    to.span = 1 + static_cast<std::uint32_t>(below(PB_FIELD_FUNCTIONS));
    to.first = static_cast<std::uint32_t>(below(to.span));
  }
  void fill_small(unsigned long command) {
    if (command == PB_IOC_EVIDENCE) argument<pb_evidence>().when = static_cast<std::uint32_t>(below(2));
    if (command == PB_IOC_SET_HANDLER) {
      argument<pb_set_handler>() = {static_cast<std::uint32_t>(below(PB_NR_HANDLERS)),
                                    static_cast<std::uint32_t>(below(2))};
    }
    if (command == PB_IOC_SET_READ) {
      argument<pb_set_read>() = {static_cast<std::uint32_t>(below(4)), static_cast<std::uint32_t>(below(16)),
                                 address_of(user_.data())};
    }
    if (command == PB_IOC_SET_EVIDENCE)
      argument<pb_set_evidence>().index = static_cast<std::uint32_t>(below(16));
    if (command == PB_IOC_FIELD_SITES) {
      argument<pb_field_sites>() = {static_cast<std::uint32_t>(below(3)),
                                    static_cast<std::uint32_t>(below(128)), address_of(user_.data())};
    }
    if (command == PB_IOC_FIELD_HANDLER) {
      argument<pb_field_handler>().handler = static_cast<std::uint32_t>(below(PB_NR_HANDLERS));
      argument<pb_field_handler>().calls = static_cast<std::uint32_t>(below(1000));
    }
  }
  // What makes sense.
  void fill(unsigned long command) {
    argument_.fill(0);
    if (command == PB_IOC_ATTACH || command == PB_IOC_SELECT) {
      fill_attach();
    } else if (command == PB_IOC_SET_DEFINE) {
      fill_set();
    } else if (command == PB_IOC_WINDOW) {
      fill_window();
    } else if (command == PB_IOC_FIELD_WINDOW) {
      fill_field_window();
    } else {
      fill_small(command);
    }
  }
  void spoil_one_number(std::size_t size) {
    if (size < 4) return;
    const std::uint64_t value = nasty();
    const std::size_t width = one_in(2) && size >= 8 ? 8 : 4;
    std::memcpy(argument_.data() + below((size - width) / 4 + 1) * 4, &value, width);
  }
  void* wild_pointer() {
    return reinterpret_cast<void*>(one_in(3) ? 0xffffffff81000000 : one_in(2) ? random_() : 0);
  }
  unsigned long wild_command() {
    return one_in(2) ? random_() : _IOC(below(4), PB_IOC_MAGIC, below(32), below(16384));
  }

  void request_one() {
    auto command = choose();
    void* pointer = argument_.data();
    fill(command);
    const auto how = below(12);
    if (how < 5) spoil_one_number(_IOC_SIZE(command));
    if (how == 10) pointer = wild_pointer();
    if (how == 11) command = wild_command();
    if (ask(command, pointer) != 0) return;
    ++accepted;
    if (pointer == argument_.data()) note_interrupts_off(command);
  }
  void note_interrupts_off(unsigned long command) {
    std::uint64_t ticks = 0;
    if (command == PB_IOC_WINDOW) ticks = argument<pb_window>().ticks;
    if (command == PB_IOC_FIELD_WINDOW) ticks = argument<pb_field_window>().ticks;
    if (command == PB_IOC_FIELD_HANDLER) ticks = argument<pb_field_handler>().ticks;
    const auto ns = ticks * 1'000'000 / info_.tsc_khz;
    if (ns <= longest_ns) return;
    longest_ns = ns;
    longest_of = fmt::format("request {}, argument {:#x}", _IOC_NR(command), argument<std::uint64_t>());
  }

  std::mt19937_64 random_;
  UniqueFd fd_;
  pb_info info_{};
  std::vector<std::uint64_t> field_;
  std::array<std::uint64_t, 1 << 13> user_{};  // what arguments point to
  alignas(64) std::array<unsigned char, kArgumentBytes> argument_{};
};

// What is still registered or traced, as the kernel lists it.
std::string leftovers() {
  std::string text;
  for (const auto* path : {"/sys/kernel/debug/kprobes/list", "/sys/kernel/tracing/enabled_functions"}) {
    const auto content = read_file(path);
    if (content) text += *content;
  }
  return text;
}

TEST(IoctlFuzz, NothingIsLeftBehindAndInterruptsComeBack) {
  const auto panic = kernel::ScopedSetting::set("/proc/sys/kernel/panic_on_warn", "1");
  ASSERT_TRUE(panic) << panic.error().message();
  const auto before = leftovers();
  const auto requests = from_environment("PB_FUZZ_REQUESTS", kRequests);
  Fuzzer fuzzer(from_environment("PB_FUZZ_SEED", 1));
  for (std::uint64_t made = 0; made < requests; made += kRequestsOfAnOwner) {
    ASSERT_TRUE(fuzzer.own(std::min(requests - made, kRequestsOfAnOwner))) << "after " << made;
  }
  fuzzer.disown();
  RecordProperty("requests", std::to_string(requests));
  RecordProperty("accepted", std::to_string(fuzzer.accepted));
  RecordProperty("longest_interrupts_off_ns", std::to_string(fuzzer.longest_ns));
  EXPECT_GT(fuzzer.accepted, requests / 10) << "most requests are refused: nothing is tried";
  EXPECT_LE(fuzzer.longest_ns, kMostQuietNs) << fuzzer.longest_of;
  EXPECT_EQ(leftovers(), before);
}

}  // namespace
}  // namespace probebench
