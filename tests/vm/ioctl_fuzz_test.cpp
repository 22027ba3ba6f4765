// SPDX-License-Identifier: MIT
// Random requests to the control device. Nearly all are quick, so that there are many: a number that a check
// of the module must refuse, a question, a wild pointer; a fixed share registers, patches and waits, most of
// it with arguments that make sense. A splat ends the guest (panic_on_warn). PB_FUZZ_REQUESTS and
// PB_FUZZ_SEED, on the kernel's command line, say how many and which.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/unique_fd.h"
#include "far_memory.h"
#include "ioctl_requests.h"
#include "kernel/arch.h"
#include "kernel/control.h"
#include "kernel/put_back.h"
#include "pb_abi.h"

namespace probebench {
namespace {

constexpr std::uint64_t kRequests = 150'000;
constexpr std::uint64_t kRequestsOfAnOwner = 10'000;
constexpr std::uint64_t kSlowPerMille = 5;
constexpr std::uint64_t kMostQuietNs = 1'000'000;
constexpr std::size_t kArgumentBytes = 4096;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Tally {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t ticks = 0;
  std::uint64_t most_ticks = 0;
};

class Fuzzer {
 public:
  explicit Fuzzer(std::uint64_t seed) : random_(seed) {}

  // Opens the device for so many requests; false when it cannot be opened.
  bool own(std::uint64_t requests) {
    disown();
    fd_ = UniqueFd(::open("/dev/probebench", O_RDWR | O_CLOEXEC));
    if (!fd_) return false;
    ::ioctl(fd_.get(), PB_IOC_INFO, &info_);
    field_.resize(PB_FIELD_FUNCTIONS);
    pb_field_sites sites{PB_FIELD_ON_FUNCTIONS, PB_FIELD_FUNCTIONS, address_of(field_.data())};
    ::ioctl(fd_.get(), PB_IOC_FIELD_SITES, &sites);
    for (const auto end = made + requests; made < end;) turn();
    return true;
  }

  bool has_memory() const { return !user_.empty(); }
  void disown() {
    fd_.reset();
    attached_ = set_ = armed_ = false;
  }
  std::uint64_t ns(std::uint64_t ticks) const { return ticks * 1'000'000 / info_.tsc_khz; }

  std::uint64_t made = 0;
  std::uint64_t longest_ns = 0;  // with interrupts off
  std::string longest_of;
  std::array<Tally, kRequestKinds.size()> of_kind;
  std::array<Tally, kRequestChecks.size()> of_check;
  std::uint64_t unknown_accepted = 0;  // commands that the module does not have

 private:
  template <typename T>
  static std::uint64_t address_of(T* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
  }
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  std::uint32_t small(std::uint64_t end) { return static_cast<std::uint32_t>(below(end)); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::uint64_t nasty() { return one_in(4) ? random_() : kNasty[below(kNasty.size())]; }
  template <typename T>
  T& argument() {
    return *reinterpret_cast<T*>(argument_.data());
  }

  void turn() {
    if (below(1000) < kSlowPerMille) return slow_turn();
    const auto how = below(12);
    if (how < 6) return break_a_check();
    if (how == 10) return with_wild_pointer();
    if (how == 11) return unknown_command();
    const auto& kind = any_kind(false);
    fill(kind.command);
    if (how > 7) spoil_one_number(_IOC_SIZE(kind.command));
    if (kind.command == PB_IOC_WINDOW) keep_quick(argument<pb_window>());
    ask(kind, argument_.data());
  }
  void slow_turn() {
    if (one_in(4)) return long_windows();
    const auto* kind = &any_kind(true);
    while (!makes_sense(kind->command) && !one_in(8)) kind = &any_kind(true);
    fill(kind->command);
    if (one_in(3)) spoil_one_number(_IOC_SIZE(kind->command));
    if (kind->command == PB_IOC_SET_DEFINE && !one_in(16)) keep_small(argument<pb_set>());
    ask(*kind, argument_.data());
  }
  // The kernel takes minutes of an emulated CPU for two thousand probes.
  static void keep_small(pb_set& set) {
    if (set.count <= PB_MAX_SET) set.count = std::min(set.count, 256U);
  }
  bool makes_sense(unsigned long command) {
    const bool free = !attached_ && !set_;
    switch (command) {
      case PB_IOC_SELFTEST:
        return free && one_in(8);  // it attaches several times
      case PB_IOC_ATTACH:
      case PB_IOC_SET_DEFINE:
        return free;
      case PB_IOC_DETACH:
        return attached_;
      case PB_IOC_SET_ARM:
        return set_ && !armed_;
      case PB_IOC_SET_DISARM:
        return armed_;
      default:
        return set_;
    }
  }
  // A long window is refused unless a short one of its handler came before.
  void long_windows() {
    const auto& kind = kind_of(PB_IOC_WINDOW);
    fill(PB_IOC_WINDOW);
    auto window = argument<pb_window>();
    window.flags = one_in(2) ? small(8) : 0;
    window.handler = small(PB_NR_HANDLERS);
    for (const std::uint64_t most : {16, 1'000, 10'000}) {
      argument<pb_window>() = window;
      argument<pb_window>().calls = most == 16 ? 16 : 1 + small(most);
      if (most != 16 && !one_in(4)) argument<pb_window>().flags &= ~std::uint32_t{PB_WIN_REARM};
      ask(kind, argument_.data());
    }
    fill(PB_IOC_FIELD_WINDOW);
    argument<pb_field_window>().work = small(PB_FIELD_MAX_WORK + 1);
    argument<pb_field_window>().calls = 1 + small(PB_FIELD_MAX_CALLS);
    argument<pb_field_window>().ops = small(50);
    ask(kind_of(PB_IOC_FIELD_WINDOW), argument_.data());
    argument<pb_field_handler>() = {small(PB_NR_HANDLERS), small(1000), 0, 0, 0};
    ask(kind_of(PB_IOC_FIELD_HANDLER), argument_.data());
  }
  void break_a_check() {
    const auto at = below(kRequestChecks.size());
    const auto& check = kRequestChecks[at];
    fill(check.command);
    const auto span = check.most - check.least;
    const auto value = one_in(4)   ? check.least
                       : one_in(3) ? check.most
                                   : check.least + random_() % (span | 1);
    check.put(argument_.data(), value);
    count(of_check[at], ask(kind_of(check.command), argument_.data()));
  }
  // The self-test makes its checks before it looks where the result goes.
  void with_wild_pointer() {
    const auto& kind = kRequestKinds[below(kRequestKinds.size())];
    if (_IOC_SIZE(kind.command) == 0 || (kind.command == PB_IOC_SELFTEST && !one_in(100))) return;
    ask(kind, reinterpret_cast<void*>(one_in(3) ? 0xffffffff81000000 : one_in(2) ? random_() : 0));
  }
  void unknown_command() {
    const auto command = one_in(2) ? random_() : _IOC(below(4), PB_IOC_MAGIC, below(32), below(16384));
    const auto has = [&](const auto& kind) { return kind.command == (command & UINT32_MAX); };
    if (std::ranges::any_of(kRequestKinds, has)) return;
    ++made;
    if (::ioctl(fd_.get(), command, argument_.data()) == 0) ++unknown_accepted;
  }

  const RequestKind& kind_of(unsigned long command) const {
    return *std::ranges::find(kRequestKinds, command, &RequestKind::command);
  }
  const RequestKind& any_kind(bool slow) {
    for (;;) {
      const auto& kind = kRequestKinds[below(kRequestKinds.size())];
      if (kind.slow == slow) return kind;
    }
  }

  void fill_attach() {
    auto& to = argument<pb_attach>();
    to.mechanism = small(PB_NR_MECHANISMS);
    to.site = small(PB_NR_SITES);
    to.handler = small(PB_NR_HANDLERS);
    to.delay_ns = small(one_in(8) ? 100'001 : 300);
    to.user_string = address_of(user_.data());
  }
  void fill_set() {
    auto& to = argument<pb_set>();
    to.mechanism = small(PB_NR_MECHANISMS);
    to.handler = small(PB_NR_HANDLERS);
    to.flags = small(2);
    to.count = 1 + small(one_in(64) ? 200 : 4);  // each takes the kernel millions of instructions
    to.delay_ns = small(one_in(8) ? 100'001 : 300);
    to.maxactive = one_in(4) ? small(64) : 0;
    to.user_string = address_of(user_.data());
    for (std::uint32_t i = 0; i < to.count; ++i)
      user_[i] = one_in(20) ? nasty() : field_[below(field_.size())];
    to.addresses = address_of(user_.data());
  }
  void fill_window() {
    auto& to = argument<pb_window>();
    to.subject = small(2);
    to.handler = small(PB_NR_HANDLERS);
    to.calls = 1 + small(one_in(8) ? 10'000 : 4);
    to.flags = one_in(4) ? small(8) : 0;
  }
  // With the handler that is armed: some mechanisms are registered anew for another one.
  void keep_quick(pb_window& window) const {
    window.flags &= ~static_cast<std::uint32_t>(PB_WIN_REARM);
    window.handler = armed_handler_;
  }
  void fill_field_window() {
    auto& to = argument<pb_field_window>();
    to.layout = small(3);
    to.ops = small(4);
    to.work = small(100);
    to.calls = small(one_in(16) ? PB_FIELD_MAX_CALLS + 1 : 4);
    to.span = 1 + small(PB_FIELD_FUNCTIONS);
    to.first = small(to.span);
  }
  void fill_small(unsigned long command) {
    if (command == PB_IOC_EVIDENCE) argument<pb_evidence>().when = small(2);
    if (command == PB_IOC_SET_HANDLER) argument<pb_set_handler>() = {small(PB_NR_HANDLERS), small(2)};
    if (command == PB_IOC_SET_READ)
      argument<pb_set_read>() = {small(3), 1 + small(3), address_of(user_.data())};
    if (command == PB_IOC_SET_EVIDENCE) argument<pb_set_evidence>().index = small(5);
    if (command == PB_IOC_FIELD_SITES)
      argument<pb_field_sites>() = {small(3), 1 + small(127), address_of(user_.data())};
    if (command == PB_IOC_FIELD_HANDLER)
      argument<pb_field_handler>() = {small(PB_NR_HANDLERS), small(16), 0, 0, 0};
  }
  // What makes sense.
  void fill(unsigned long command) {
    std::fill_n(argument_.begin(), _IOC_SIZE(command), 0);
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

  static void count(Tally& tally, bool accepted) { ++(accepted ? tally.accepted : tally.refused); }
  bool ask(const RequestKind& kind, void* pointer) {
    auto& tally = of_kind[static_cast<std::size_t>(&kind - kRequestKinds.data())];
    const auto begin = kernel::read_clock();
    const bool accepted = ::ioctl(fd_.get(), kind.command, pointer) == 0;
    const auto ticks = kernel::read_clock() - begin;
    tally.ticks += ticks;
    tally.most_ticks = std::max(tally.most_ticks, ticks);
    count(tally, accepted);
    ++made;
    const bool prepared = accepted || errno == ENODATA || errno == E2BIG;
    if (kind.command == PB_IOC_WINDOW && prepared && pointer == argument_.data())
      armed_handler_ = argument<pb_window>().handler;
    if (accepted) note_state(kind.command);
    if (accepted && pointer == argument_.data()) note_interrupts_off(kind.command);
    return accepted;
  }
  void note_state(unsigned long command) {
    if (command == PB_IOC_ATTACH) armed_handler_ = argument<pb_attach>().handler;
    if (command == PB_IOC_ATTACH || command == PB_IOC_DETACH) attached_ = command == PB_IOC_ATTACH;
    if (command == PB_IOC_SET_DEFINE || command == PB_IOC_SET_CLEAR) set_ = command == PB_IOC_SET_DEFINE;
    if (command == PB_IOC_SET_ARM) armed_ = true;
    if (command == PB_IOC_SET_DISARM || command == PB_IOC_SET_CLEAR) armed_ = false;
  }
  void note_interrupts_off(unsigned long command) {
    std::uint64_t ticks = 0;
    if (command == PB_IOC_WINDOW) ticks = argument<pb_window>().ticks;
    if (command == PB_IOC_FIELD_WINDOW) ticks = argument<pb_field_window>().ticks;
    if (command == PB_IOC_FIELD_HANDLER) ticks = argument<pb_field_handler>().ticks;
    if (ns(ticks) <= longest_ns) return;
    longest_ns = ns(ticks);
    longest_of = fmt::format("request {}, argument {:#x}", _IOC_NR(command), argument<std::uint64_t>());
  }

  std::mt19937_64 random_;
  UniqueFd fd_;
  pb_info info_{};
  // As the module has it.
  bool attached_ = false;
  bool set_ = false;
  bool armed_ = false;
  std::uint32_t armed_handler_ = 0;
  std::vector<std::uint64_t> field_;
  const FarMemory far_;
  const std::span<std::uint64_t> user_ = far_.words();  // what arguments point to
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

// The host takes a silent guest for a lost one.
void run(Fuzzer& fuzzer, std::uint64_t requests) {
  while (fuzzer.made < requests) {
    ASSERT_TRUE(fuzzer.own(std::min(requests - fuzzer.made, kRequestsOfAnOwner))) << "after " << fuzzer.made;
    SUCCEED() << fuzzer.made << " requests";
  }
  fuzzer.disown();
}

// Every request was granted and refused, and no check let a number pass.
void expect_all_tried(const Fuzzer& fuzzer) {
  for (std::size_t i = 0; i < kRequestKinds.size(); ++i) {
    const auto& tally = fuzzer.of_kind[i];
    const auto asked = tally.accepted + tally.refused;
    testing::Test::RecordProperty(
        std::string(kRequestKinds[i].name),
        fmt::format("{} of {} accepted, {:.2f} % of all, {:.1f} us each, {:.1f} ms at most", tally.accepted,
                    asked, 100.0 * static_cast<double>(asked) / static_cast<double>(fuzzer.made),
                    static_cast<double>(fuzzer.ns(tally.ticks)) / 1e3 / static_cast<double>(asked),
                    static_cast<double>(fuzzer.ns(tally.most_ticks)) / 1e6));
    EXPECT_GT(tally.accepted, 0U) << kRequestKinds[i].name;
    EXPECT_GT(tally.refused, 0U) << kRequestKinds[i].name;
  }
  for (std::size_t i = 0; i < kRequestChecks.size(); ++i) {
    const auto& check = kRequestChecks[i];
    EXPECT_GT(fuzzer.of_check[i].refused, 0U) << _IOC_NR(check.command) << " " << check.name;
    EXPECT_EQ(fuzzer.of_check[i].accepted, 0U) << _IOC_NR(check.command) << " " << check.name;
  }
  EXPECT_EQ(fuzzer.unknown_accepted, 0U);
}

TEST(IoctlFuzz, NothingIsLeftBehindAndInterruptsComeBack) {
  const auto panic = kernel::ScopedSetting::set("/proc/sys/kernel/panic_on_warn", "1");
  ASSERT_TRUE(panic) << panic.error().message();
  const auto before = leftovers();
  Fuzzer fuzzer(from_environment("PB_FUZZ_SEED", 1));
  ASSERT_TRUE(fuzzer.has_memory());
  run(fuzzer, from_environment("PB_FUZZ_REQUESTS", kRequests));
  RecordProperty("requests", std::to_string(fuzzer.made));
  RecordProperty("longest_interrupts_off_ns", std::to_string(fuzzer.longest_ns));
  expect_all_tried(fuzzer);
  EXPECT_LE(fuzzer.longest_ns, kMostQuietNs) << fuzzer.longest_of;
  EXPECT_EQ(leftovers(), before);
  EXPECT_EQ(::syscall(SYS_delete_module, "probebench", O_NONBLOCK), 0) << std::strerror(errno);
  const auto again = kernel::Control::load_module("/probebench.ko");
  EXPECT_TRUE(again) << again.error().message();
}

}  // namespace
}  // namespace probebench
