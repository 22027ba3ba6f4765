// SPDX-License-Identifier: MIT
// How long the module keeps interrupts off, whatever it is asked for: what a window costs is known of what is
// armed now, handlers that spin end with the window, and memory is bounded. Times are guest instructions.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/unique_fd.h"
#include "kernel/kallsyms.h"
#include "pb_abi.h"

namespace probebench {
namespace {

constexpr std::uint64_t kMostNs = 1'000'000;
constexpr std::uint32_t kDelayNs = 100'000;

class Bounds : public testing::Test {
 protected:
  void SetUp() override {
    fd_ = UniqueFd(::open("/dev/probebench", O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(fd_);
    ASSERT_EQ(ask(PB_IOC_INFO, info_), 0);
  }

  template <typename T>
  int ask(unsigned long request, T& argument) const {
    return ::ioctl(fd_.get(), request, &argument) == 0 ? 0 : errno;
  }
  int ask(unsigned long request) const { return ::ioctl(fd_.get(), request) == 0 ? 0 : errno; }

  std::uint64_t ns(std::uint64_t ticks) const { return ticks * 1'000'000 / info_.tsc_khz; }

  std::uint64_t site_address(std::uint32_t site) const {
    pb_attach request{};
    request.mechanism = PB_MECH_KPROBE;
    request.site = site;
    EXPECT_EQ(ask(PB_IOC_SELECT, request), 0);
    pb_evidence evidence{};
    EXPECT_EQ(ask(PB_IOC_EVIDENCE, evidence), 0);
    return evidence.site_addr;
  }

  // `addresses` must outlive the request.
  static pb_set set_of(std::uint32_t mechanism, const std::vector<std::uint64_t>& addresses) {
    pb_set set{};
    set.mechanism = mechanism;
    set.count = static_cast<std::uint32_t>(addresses.size());
    set.addresses = reinterpret_cast<std::uintptr_t>(addresses.data());
    return set;
  }

  std::vector<std::uint64_t> field_sites(std::uint32_t layout, std::uint32_t count) const {
    std::vector<std::uint64_t> addresses(count);
    pb_field_sites request{layout, count, reinterpret_cast<std::uintptr_t>(addresses.data())};
    EXPECT_EQ(ask(PB_IOC_FIELD_SITES, request), 0);
    return addresses;
  }

  // errno of each of a set's probes.
  std::vector<int> errors_of(std::uint32_t count) const {
    std::vector<pb_set_probe> probes(count);
    pb_set_read request{0, count, reinterpret_cast<std::uintptr_t>(probes.data())};
    EXPECT_EQ(ask(PB_IOC_SET_READ, request), 0);
    std::vector<int> errors;
    for (const auto& probe : probes) errors.push_back(-probe.error);
    return errors;
  }

  int window(std::uint32_t calls, pb_window& result) const {
    result = {};
    result.calls = calls;
    return ask(PB_IOC_WINDOW, result);
  }

  UniqueFd fd_;
  pb_info info_{};
};

TEST_F(Bounds, WhatACallCostsIsForgottenWhenSomethingIsArmed) {
  std::vector<std::uint64_t> sites{site_address(PB_SITE_MID)};
  pb_window result{};
  ASSERT_EQ(window(info_.probation_calls, result), 0);
  ASSERT_EQ(window(1000, result), 0) << "with nothing armed";
  auto set = set_of(PB_MECH_KPROBE, sites);
  ASSERT_EQ(ask(PB_IOC_SET_DEFINE, set), 0);
  EXPECT_EQ(window(1000, result), ENODATA) << "defined";
  ASSERT_EQ(window(info_.probation_calls, result), 0);
  ASSERT_EQ(ask(PB_IOC_SET_ARM), 0);
  EXPECT_EQ(window(1000, result), ENODATA) << "armed";
  ASSERT_EQ(window(info_.probation_calls, result), 0);
  ASSERT_EQ(window(100, result), 0);
  pb_set_handler handler{PB_HANDLER_STACK, 0};
  ASSERT_EQ(ask(PB_IOC_SET_HANDLER, handler), 0);
  EXPECT_EQ(window(100, result), ENODATA) << "another handler";
}

TEST_F(Bounds, DelaysCountIn) {
  std::vector<std::uint64_t> sites{site_address(PB_SITE_MID)};
  auto set = set_of(PB_MECH_KPROBE, sites);
  set.handler = PB_HANDLER_DELAY;
  set.delay_ns = kDelayNs;
  ASSERT_EQ(ask(PB_IOC_SET_DEFINE, set), 0);
  ASSERT_EQ(ask(PB_IOC_SET_ARM), 0);
  pb_window result{};
  ASSERT_EQ(window(info_.probation_calls, result), 0);
  EXPECT_GE(ns(result.ticks), info_.max_window_ns / 10) << "it did spin";
  EXPECT_LE(ns(result.ticks), kMostNs);
  for (const std::uint32_t calls : {100, 1000, 10000}) EXPECT_EQ(window(calls, result), E2BIG) << calls;
}

TEST_F(Bounds, AnOperationIsBoundedBeforeItBegins) {
  const auto sites = field_sites(PB_FIELD_ON_PATH, PB_FIELD_PATH);
  auto set = set_of(PB_MECH_KPROBE, sites);
  ASSERT_EQ(ask(PB_IOC_SET_DEFINE, set), 0);
  ASSERT_EQ(ask(PB_IOC_SET_ARM), 0);
  pb_field_window operation{};
  operation.layout = PB_FIELD_ON_PATH;
  operation.ops = 1000;
  operation.calls = 1;
  ASSERT_EQ(ask(PB_IOC_FIELD_WINDOW, operation), 0);
  EXPECT_GT(operation.done, 0u);
  EXPECT_LE(ns(operation.ticks), kMostNs);
  operation.calls = PB_FIELD_MAX_CALLS;
  EXPECT_EQ(ask(PB_IOC_FIELD_WINDOW, operation), E2BIG) << "too many hits";
  ASSERT_EQ(ask(PB_IOC_SET_CLEAR), 0);
  EXPECT_EQ(ask(PB_IOC_FIELD_WINDOW, operation), 0) << "with nothing armed";
  const auto few = field_sites(PB_FIELD_ON_PATH, kMostNs / kDelayNs + 2);
  set = set_of(PB_MECH_KPROBE, few);
  set.handler = PB_HANDLER_DELAY;
  set.delay_ns = kDelayNs;
  ASSERT_EQ(ask(PB_IOC_SET_DEFINE, set), 0);
  ASSERT_EQ(ask(PB_IOC_SET_ARM), 0);
  operation.calls = 1;
  EXPECT_EQ(ask(PB_IOC_FIELD_WINDOW, operation), E2BIG) << "handlers that spin";
}

TEST_F(Bounds, AHandlersCallsEndInTime) {
  pb_attach select{};
  select.mechanism = PB_MECH_KPROBE;
  select.site = PB_SITE_MID;
  select.delay_ns = kDelayNs;
  ASSERT_EQ(ask(PB_IOC_SELECT, select), 0);
  pb_field_handler calls{};
  calls.handler = PB_HANDLER_DELAY;
  calls.calls = UINT32_MAX;
  ASSERT_EQ(ask(PB_IOC_FIELD_HANDLER, calls), 0);
  EXPECT_LT(calls.done, 10u);
  EXPECT_LE(ns(calls.ticks), kMostNs);
}

TEST_F(Bounds, InstancesOfReturnProbes) {
  const auto sites = field_sites(PB_FIELD_ON_NEST, 1);
  const std::vector<std::uint64_t> many(PB_MAX_SET, sites[0]);
  auto set = set_of(PB_MECH_KRETPROBE, sites);
  for (const std::uint32_t refused : {PB_MAX_ACTIVE + 1u, 20'000'000u, UINT32_MAX}) {
    set.maxactive = refused;
    EXPECT_EQ(ask(PB_IOC_SET_DEFINE, set), EINVAL) << refused;
  }
  auto large = set_of(PB_MECH_KRETPROBE, many);
  large.maxactive = PB_MAX_ACTIVE;
  EXPECT_EQ(ask(PB_IOC_SET_DEFINE, large), EINVAL) << "of all probes";
  set.maxactive = PB_MAX_ACTIVE;
  EXPECT_EQ(ask(PB_IOC_SET_DEFINE, set), 0);
}

TEST_F(Bounds, FtraceTakesTheFunctionOrItsOwnPlaceOnly) {
  const auto function = kernel::address_in_kallsyms(*kernel::first_listing(), "__x64_sys_getppid");
  ASSERT_NE(function, 0u);
  std::vector<std::uint64_t> addresses;
  for (std::uint64_t i = 0; i < 12; ++i) addresses.push_back(function + i);
  for (const std::uint64_t bad : {0x800000000000ull, 0xdead000000000100ull, 0x1000ull, ~0ull, 1ull << 63}) {
    addresses.push_back(bad);
  }
  auto set = set_of(PB_MECH_FTRACE, addresses);
  ASSERT_EQ(ask(PB_IOC_SET_DEFINE, set), 0);
  const auto errors = errors_of(set.count);
  EXPECT_EQ(errors[0], 0);
  for (std::size_t i = 1; i < errors.size(); ++i) {
    EXPECT_THAT(errors[i], testing::AnyOf(EINVAL, EEXIST)) << std::hex << addresses[i];
  }
  EXPECT_LE(std::ranges::count(errors, EEXIST), 1) << "the place behind endbr64";
}

}  // namespace
}  // namespace probebench
