// SPDX-License-Identifier: MIT
// Sets of probes on the kernel's own functions: armed, counted, restored.
#include "probe/probe_set.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>

#include "probe/kernel_text.h"
#include "probe/setting.h"
#include "verify/classify.h"

namespace probebench {
namespace {

std::uint64_t address_of(const char* symbol) {
  std::ifstream listing("/proc/kallsyms");
  return address_in_kallsyms(listing, symbol);
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
    auto control = Control::open();
    ASSERT_TRUE(control);
    control_.emplace(std::move(*control));
    for (const auto* name : kFunctions) {
      addresses_.push_back(address_of(name));
      ASSERT_NE(addresses_.back(), 0u) << name;
    }
  }

  // Hits of each probe during `calls` reads and writes.
  std::vector<std::uint64_t> hits_of(Mechanism mechanism, int calls) {
    auto set = ProbeSet::define(*control_, {mechanism, {{Handler::count}, true}, addresses_});
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

  std::optional<Control> control_;
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
  auto set = ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_});
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
  auto set = ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_});
  ASSERT_TRUE(set && set->arm());
  const auto armed = set->probes();
  ASSERT_TRUE(armed);
  EXPECT_NE(armed->front().now, armed->front().original);
  control_.reset();  // the set's own ioctl fails from here on, and is not needed
  const auto after = read_kernel_text(armed->front().address, armed->front().original.size());
  ASSERT_TRUE(after);
  EXPECT_EQ(*after, armed->front().original);
}

TEST_F(Sets, AreBounded) {
  EXPECT_FALSE(ProbeSet::define(*control_, {Mechanism::kprobe, {}, {}}));
  EXPECT_FALSE(ProbeSet::define(*control_, {Mechanism::kprobe, {}, std::vector<std::uint64_t>(2049, 1)}));
  EXPECT_FALSE(ProbeSet::define(*control_, {Mechanism::tracepoint, {}, addresses_}));
  EXPECT_FALSE(ProbeSet::define(*control_, {Mechanism::ftrace, {{Handler::stack}, false}, addresses_}));
  auto set = ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_});
  ASSERT_TRUE(set);
  EXPECT_FALSE(ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_})) << "there is one set";
  EXPECT_FALSE(set->disarm()) << "nothing is armed";
  const auto cell = cells_of(ProbeType::kprobe_optimized, Handler::nop).front();
  EXPECT_FALSE(control_->attach(cell)) << "no attachment beside a set";
  EXPECT_TRUE(set->clear());
  EXPECT_TRUE(control_->attach(cell));
  EXPECT_FALSE(ProbeSet::define(*control_, {Mechanism::kprobe, {}, addresses_})) << "no set beside it";
  EXPECT_TRUE(control_->detach());
}

}  // namespace
}  // namespace probebench
