// SPDX-License-Identifier: MIT
// What the kernel selftests' bench would print on this machine, for the comparison in docs/methodology.md:
//   selftests_loop KIND [MILLISECONDS]
// prints million hits per second of one producer, as counted by the BPF program, and leaves nothing attached.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "selftests_trigger.h"

namespace {

using Clock = std::chrono::steady_clock;
using probebench::selftests::Trigger;

// A clock is read between batches, never within one.
double million_hits_per_second(const Trigger& trigger, std::chrono::milliseconds length) {
  for (int i = 0; i < 10; ++i) trigger.batch();
  const auto hits = trigger.hits();
  const auto begin = Clock::now();
  auto end = begin;
  for (; end - begin < length; end = Clock::now()) trigger.batch();
  const std::chrono::duration<double, std::micro> took = end - begin;
  return static_cast<double>(trigger.hits() - hits) / took.count();
}

int usage() {
  std::fputs("selftests_loop: expected one of", stderr);
  for (const auto& kind : probebench::selftests::kinds()) std::fprintf(stderr, " %s", kind.name.data());
  std::fputs("\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const auto* kind = argc > 1 ? probebench::selftests::kind_named(argv[1]) : nullptr;
  if (kind == nullptr) return usage();
  const std::chrono::milliseconds length{argc > 2 ? std::strtol(argv[2], nullptr, 10) : 1000};
  Trigger trigger(*kind);
  trigger.attach();
  if (!trigger.problem().empty()) {
    std::fprintf(stderr, "selftests_loop: %s: %s\n", kind->name.data(), trigger.problem().c_str());
    return 69;
  }
  const double rate = million_hits_per_second(trigger, length);
  std::printf("%.3f\n", rate);
  return rate > 0 ? 0 : 1;  // a probe that nobody hits is no measurement
}
