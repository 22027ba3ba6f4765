// SPDX-License-Identifier: MIT
#include "vm/vcpu_threads.h"

#include <sched.h>

#include <cstdio>
#include <map>

#include "base/text.h"

namespace probebench::vm {
namespace {

bool keep_on(unsigned cpu, pid_t thread) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(cpu, &only);
  return ::sched_setaffinity(thread, sizeof only, &only) == 0;
}

}  // namespace

std::vector<pid_t> vcpu_threads(pid_t qemu, const fs::path& proc) {
  std::map<unsigned, pid_t> by_cpu;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(proc / std::to_string(qemu) / "task", gone)) {
    const auto name = read_file(entry.path() / "comm");
    unsigned cpu = 0;
    int whole = 0;
    if (!name || std::sscanf(name->c_str(), "CPU %u/KVM%n", &cpu, &whole) != 1 || whole == 0) continue;
    by_cpu[cpu] = static_cast<pid_t>(std::stol(entry.path().filename()));
  }
  std::vector<pid_t> threads;
  for (const auto& [cpu, thread] : by_cpu) threads.push_back(thread);
  return threads;
}

bool keep_vcpus_on(const Cpus& cpus, const std::vector<pid_t>& threads) {
  if (threads.empty() || threads.size() > cpus.size()) return false;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    if (!keep_on(cpus[i], threads[i])) return false;
  }
  return true;
}

}  // namespace probebench::vm
