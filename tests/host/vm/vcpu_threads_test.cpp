// SPDX-License-Identifier: MIT
#include "vm/vcpu_threads.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "temporary_directory.h"

namespace probebench::vm {
namespace {

TEST(VcpuThreads, AreFoundByTheNamesThatQemuGivesThem) {
  const TemporaryDirectory proc;
  proc.write("7/task/7/comm", "qemu-system-x86\n");
  proc.write("7/task/9/comm", "CPU 1/KVM\n");
  proc.write("7/task/12/comm", "CPU 0/KVM\n");
  proc.write("7/task/13/comm", "CPU 0/TCG\n");
  proc.write("7/task/14/comm", "IO mon_iothread\n");
  EXPECT_EQ(vcpu_threads(7, proc.path()), (std::vector<pid_t>{12, 9}));
  EXPECT_TRUE(vcpu_threads(8, proc.path()).empty());
}

TEST(VcpuThreads, StayWhereTheyArePut) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  const auto cpus = quietest_cpus(1, std::chrono::milliseconds(0));
  ASSERT_TRUE(cpus) << cpus.error().message();
  ASSERT_EQ(cpus->size(), 1u);
  EXPECT_TRUE(keep_vcpus_on(*cpus, {::gettid()}));
  cpu_set_t now;
  ASSERT_EQ(::sched_getaffinity(0, sizeof now, &now), 0);
  EXPECT_EQ(CPU_COUNT(&now), 1);
  EXPECT_TRUE(CPU_ISSET(cpus->front(), &now));
  ::sched_setaffinity(0, sizeof before, &before);
}

TEST(VcpuThreads, StayWhereTheyAreWhenThereIsNotACpuForEach) {
  EXPECT_FALSE(keep_vcpus_on({0}, {}));
  EXPECT_FALSE(keep_vcpus_on({0}, {::gettid(), ::gettid()}));
}

}  // namespace
}  // namespace probebench::vm
