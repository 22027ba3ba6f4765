// SPDX-License-Identifier: MIT
// Sets of probes on the kernel's own functions: armed, counted, restored.
#include "attach/probe_set.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <map>
#include <optional>

#include "base/text.h"
#include "experiment/armed_suite.h"
#include "kernel/kallsyms.h"
#include "kernel/put_back.h"
#include "workload/work.h"

namespace probebench {
namespace {

std::uint64_t address_of(const char* symbol) {
  return kernel::address_in_kallsyms(*kernel::first_listing(), symbol);
}

// Functions that each system call below enters once.
constexpr std::array kFunctions{"ksys_read", "vfs_read", "ksys_write", "vfs_write"};

void read_and_write(int calls) {
  const int fd = ::open("/dev/zero", O_RDWR | O_CLOEXEC);
  char byte = 0;
  for (int i = 0; i < calls; ++i) {
    ASSERT_EQ(::read(fd, &byte, 1), 1);
    ASSERT_EQ(::write(fd, &byte, 1), 1);
  }
  ::close(fd);
}

class Sets : public testing::Test {
 protected:
  void SetUp() override {
    auto control = kernel::Control::open();
    ASSERT_TRUE(control);
    control_.emplace(std::move(*control));
    static const auto kFound = [] {
      std::vector<std::uint64_t> addresses;
      for (const auto* name : kFunctions) addresses.push_back(address_of(name));
      return addresses;
    }();
    addresses_ = kFound;
    ASSERT_THAT(addresses_, testing::Not(testing::Contains(0u)));
  }

  // Hits of each probe during `calls` reads and writes.
  std::vector<std::uint64_t> hits_of(Mechanism mechanism, int calls) {
    auto set = attach::ProbeSet::define(*control_, {mechanism, {{Handler::count}, true}, addresses_});
    EXPECT_TRUE(set) << set.error().message();
    EXPECT_TRUE(set->arm());
    EXPECT_EQ(set->totals()->patched, addresses_.size());
    read_and_write(calls);
    EXPECT_TRUE(set->disarm());
    EXPECT_EQ(set->totals()->patched, 0u);
    EXPECT_EQ(set->totals()->missed, 0u);
    std::vector<std::uint64_t> hits;
    const auto probes = set->probes();
    for (const auto& probe : *probes) {
      EXPECT_EQ(probe.error, 0) << probe.step;
      hits.push_back(probe.hits);
    }
    EXPECT_TRUE(set->clear());
    return hits;
  }

  std::optional<kernel::Control> control_;
  std::vector<std::uint64_t> addresses_;
};

TEST_F(Sets, CountEachProbesHits) {
  for (const auto mechanism : {Mechanism::ftrace, Mechanism::kprobe, Mechanism::kretprobe}) {
    const auto none = hits_of(mechanism, 0);
    const auto some = hits_of(mechanism, 7);
    ASSERT_EQ(some.size(), kFunctions.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_EQ(some[i] - none[i], 7u) << kFunctions[i] << " mechanism " << static_cast<int>(mechanism);
    }
  }
}

TEST_F(Sets, ARefusedProbeCostsTheOthersNothing) {
  addresses_.push_back(addresses_.front() + 1);  // inside the entry's nop or endbr64
  addresses_.push_back(address_of("exc_int3"));  // on the kernel's list of what may not be probed
  addresses_.push_back(0x1000);                  // no kernel text
  auto set = attach::ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_});
  ASSERT_TRUE(set);
  const auto probes = set->probes();
  ASSERT_TRUE(probes);
  for (std::size_t i = 0; i < kFunctions.size(); ++i) EXPECT_EQ((*probes)[i].error, 0);
  for (std::size_t i = kFunctions.size(); i < probes->size(); ++i) {
    EXPECT_NE((*probes)[i].error, 0) << i;
    EXPECT_EQ((*probes)[i].step, "register");
  }
  EXPECT_EQ(set->totals()->registered, kFunctions.size());
  EXPECT_TRUE(set->arm());
  EXPECT_TRUE(set->disarm());
}

TEST_F(Sets, CloseDisarms) {
  auto set = attach::ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_});
  ASSERT_TRUE(set && set->arm());
  const auto armed = set->probes();
  ASSERT_TRUE(armed);
  EXPECT_NE(armed->front().now, armed->front().original);
  control_.reset();  // the set's own ioctl fails from here on, and is not needed
  const auto after = kernel::read_kernel_text(armed->front().address, armed->front().original.size());
  ASSERT_TRUE(after);
  EXPECT_EQ(*after, armed->front().original);
}

TEST_F(Sets, AreBounded) {
  EXPECT_FALSE(attach::ProbeSet::define(*control_, {Mechanism::kprobe, {}, {}}));
  EXPECT_FALSE(
      attach::ProbeSet::define(*control_, {Mechanism::kprobe, {}, std::vector<std::uint64_t>(2049, 1)}));
  EXPECT_FALSE(attach::ProbeSet::define(*control_, {Mechanism::tracepoint, {}, addresses_}));
  EXPECT_FALSE(
      attach::ProbeSet::define(*control_, {Mechanism::ftrace, {{Handler::stack}, false}, addresses_}));
  auto set = attach::ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_});
  ASSERT_TRUE(set);
  EXPECT_FALSE(attach::ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_}))
      << "there is one set";
  EXPECT_FALSE(set->disarm()) << "nothing is armed";
  const auto cell = cells_of(ProbeType::kprobe_optimized, Handler::nop).front();
  EXPECT_FALSE(control_->attach(cell)) << "no attachment beside a set";
  EXPECT_TRUE(set->clear());
  EXPECT_TRUE(control_->attach(cell));
  EXPECT_FALSE(attach::ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_}))
      << "no set beside it";
  EXPECT_TRUE(control_->detach());
}

// System calls of this kernel: the two that the tests make, and functions that hardly run.
std::vector<std::string> system_calls() {
  constexpr std::size_t kMost = 200;
  constexpr std::string_view kBegin = " __x64_sys_";
  auto listing = *kernel::first_listing();
  std::vector<std::string> names{"__x64_sys_read", "__x64_sys_write"};
  while (!listing.empty() && names.size() < kMost) {
    const auto line = take_line(listing);
    const auto at = line.find(kBegin);
    if (at == std::string::npos || line.find("[") != std::string::npos) continue;
    std::string name(line.substr(at + 1));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

class Suites : public Sets {
 protected:
  void SetUp() override {
    Sets::SetUp();
    ASSERT_GE(sites().sites.size(), 100u);
  }

  // Decoding so many functions takes longer than what is done with them: once for all tests.
  static const experiment::SuiteSites& sites() {
    static const auto kFound = [] {
      const auto names = system_calls();
      return experiment::find_sites(names, *kernel::find_kernel_functions(experiment::symbols_wanted(names)));
    }();
    return kFound;
  }

  // Arms them all, makes the calls, and returns what was counted of `calls` of each.
  experiment::SuiteHits hits_of(SuiteMechanism mechanism, int calls) {
    auto armed = experiment::arm_suite(*control_, mechanism, sites());
    EXPECT_TRUE(armed) << armed.error().message();
    if (!armed) return {};
    EXPECT_GE((*armed)->sites().size(), 100u);
    states_.clear();
    for (const auto& site : (*armed)->sites()) ++states_[site.state];
    auto hits = (*armed)->count([&] {
      read_and_write(calls);
      return Status(Done{});
    });
    EXPECT_TRUE(hits) << hits.error().message();
    EXPECT_EQ(*(*armed)->missed(), 0u);
    const auto restored = (*armed)->disarm();
    EXPECT_TRUE(restored) << restored.error().message();
    return hits ? *hits : experiment::SuiteHits{};
  }

  std::map<ProbeState, int> states_;
};

TEST_F(Suites, ArmAHundredFunctionsPastTheirEntry) {
  const auto int3 = hits_of(SuiteMechanism::unoptimized, 100);
  EXPECT_EQ(int3.hits.expected, int3.hits.counted);
  EXPECT_GE(int3.hits.counted, 200u) << "a read and a write each time";
  EXPECT_EQ(states_[ProbeState::optimized], 0);
  const auto jump = hits_of(SuiteMechanism::optimized, 100);
  EXPECT_EQ(jump.hits.counted, int3.hits.counted);
  EXPECT_GE(states_[ProbeState::optimized], 50) << "of more than a hundred";
  const auto ftrace = hits_of(SuiteMechanism::ftrace, 100);
  EXPECT_EQ(ftrace.hits.counted, int3.hits.counted);
}

TEST_F(Suites, ALostHitIsFound) {
  auto armed = experiment::arm_suite(*control_, SuiteMechanism::unoptimized, sites());
  ASSERT_TRUE(armed);
  // From the middle on only one of the two counts.
  const auto hits = (*armed)->count([&] {
    read_and_write(10);
    const auto status = (*armed)->use({Handler::count});
    read_and_write(10);
    return status;
  });
  ASSERT_TRUE(hits);
  EXPECT_FALSE(hits->hits.equal());
  EXPECT_LT(hits->hits.expected, hits->hits.counted);
  EXPECT_TRUE((*armed)->disarm());
}

TEST(Works, EachRunsHereOrSaysWhyNot) {
  for (const auto& info : kWorkloads) {
    const auto work = workload::make_work(info.id, {});
    if (!work) {
      const bool known = info.id == WorkloadId::compile || info.id == WorkloadId::command;
      EXPECT_TRUE(known) << info.name << ": " << work.error().message();
      continue;
    }
    const auto status = (*work)->run(3);
    EXPECT_TRUE(status) << info.name << ": " << status.error().message();
  }
}

TEST(Works, ACommandThatFailsIsAnError) {
  const auto run = [](std::vector<std::string> command) {
    const auto work = workload::make_work(WorkloadId::command, {std::move(command), std::chrono::seconds(1)});
    return (*work)->run(1);
  };
  EXPECT_NE(run({"/nowhere"}).error().message().find("No such file"), std::string::npos);
  // This program as a process that is not the first: it refuses to run.
  EXPECT_NE(run({"/proc/self/exe"}).error().message().find("exit code 2"), std::string::npos);
}

}  // namespace
}  // namespace probebench
