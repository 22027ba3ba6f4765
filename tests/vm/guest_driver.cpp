// SPDX-License-Identifier: MIT
// guest_driver <kernel> [<filter>]: boots the kernel with guest_tests as PID 1 and repeats what they say.
// Fails when a test failed, when the guest did not reach the end, or when no test ran. The filter is
// googletest's.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "vm/vm_target.h"

namespace probebench {
namespace {

class Lines : public kernels::Progress {
 public:
  void step(std::string_view what) override {
    std::printf("%.*s\n", static_cast<int>(what.size()), what.data());
  }
};

struct Tally {
  int passed = 0;
  int failed = 0;
  int announced = -1;
};

// True for the last line.
bool take(Tally& tally, std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  if (line.starts_with("PASS ")) ++tally.passed;
  if (line.starts_with("FAIL ")) ++tally.failed;
  if (!line.starts_with("END ")) return false;
  tally.announced = std::stoi(std::string(line.substr(4)));
  return true;
}

// `kernel_args`: what the kernel does not know becomes init's environment.
int drive(const std::string& kernel, const std::string& kernel_args, std::chrono::seconds deadline) {
  const auto cache = kernels::default_cache();
  if (!cache) return std::fprintf(stderr, "%s\n", cache.error().message().c_str()), 1;
  const kernels::TargetPaths paths{PROBEBENCH_SOURCE_DIR, *cache};
  vm::VmRequest request;
  request.kernel.name = kernel;
  request.accel = vm::Accel::tcg;
  request.kernel_args = kernel_args;
  request.agent = GUEST_TESTS;
  request.kmod_dir = paths.project_root / "kmod";
  request.guest_log = fs::temp_directory_path() / ("guest_driver." + std::to_string(::getpid()) + ".log");
  request.run_deadline = deadline;
  // A set of two thousand probes takes an emulated guest a minute, without a word.
  request.silence_deadline = std::min(deadline, std::chrono::seconds(300));
  Lines progress;
  auto vm = vm::prepare_vm(request, paths, progress);
  if (!vm) return std::fprintf(stderr, "%s\n", vm.error().message().c_str()), 1;
  Tally tally;
  const vm::VmEvents events{[](ClockKind) { return std::string("{}"); }, [](const vm::VmAttempt&) {},
                            [&tally](std::string_view line) { return take(tally, line); }};
  const auto outcome = vm::run_vm(*vm, events, progress);
  fs::remove(request.guest_log);
  if (!outcome) return std::fprintf(stderr, "%s\n", outcome.error().message().c_str()), 1;
  for (const auto& line : outcome->last_log_lines) std::printf("guest: %s\n", line.c_str());
  if (!outcome->detail.empty()) std::printf("ended early: %s\n", outcome->detail.c_str());
  const bool complete = tally.announced > 0 && tally.passed == tally.announced;
  std::printf("%d passed, %d failed, %d announced\n", tally.passed, tally.failed, tally.announced);
  return complete && tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace probebench

int main(int argc, char** argv) {
  using std::chrono::seconds;
  if (argc < 2) {
    return std::fputs("usage: guest_driver <kernel> [<filter> [<seconds> [<name>=<value>...]]]\n", stderr), 2;
  }
  // Those are for the table of ci/against-selftests.
  constexpr const char* kAll = "*-Kinds/AgainstSelftests*";
  std::string kernel_args = std::string("GTEST_FILTER=") + (argc > 2 ? argv[2] : kAll);
  for (int i = 4; i < argc; ++i) kernel_args += std::string(" ") + argv[i];
  return probebench::drive(argv[1], kernel_args, seconds(argc > 3 ? std::atoi(argv[3]) : 400));
}
