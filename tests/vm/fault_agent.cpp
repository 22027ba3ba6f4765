// SPDX-License-Identifier: MIT
// PID 1 of a guest that fails on purpose, after one record. Its plan is the name of the fault.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "agent/guest.h"
#include "agent/plan_item.h"
#include "agent/record_channel.h"
#include "base/file.h"

namespace probebench {
namespace {

[[noreturn]] void fail(const std::string& fault, const agent::RecordChannel& channel) {
  if (fault == "panic") [[maybe_unused]]
    const auto status = write_setting("/proc/sysrq-trigger", "c");
  if (fault == "exit") ::_exit(3);
  if (fault == "reset") agent::end_machine();
  if (fault == "finish") channel.send(wire::End{0, {}});
  if (fault == "spin") {
    for (;;) asm volatile("");
  }
  for (;;) ::pause();
}

}  // namespace
}  // namespace probebench

int main() {
  using namespace probebench;
  if (::getpid() != 1) return 2;
  if (!agent::mount_filesystems()) agent::end_machine();
  const auto channel = agent::RecordChannel::open("/dev/ttyS1");
  if (!channel) agent::end_machine();
  const auto booted_with_it = read_file("/plan.json");
  const auto fault = booted_with_it ? booted_with_it : agent::await_plan(*channel);
  if (!fault) agent::end_machine();
  channel->send(wire::CellBegin{"in-flight"});
  fail(*fault, *channel);
}
