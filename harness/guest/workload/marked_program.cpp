// SPDX-License-Identifier: MIT
#include "workload/marked_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/stop.h"
#include "base/unique_fd.h"
#include "probebench_op.h"
#include "workload/partner.h"

namespace probebench::workload {
namespace {

constexpr timespec kLook{0, 100'000'000};

struct Unmapped {
  void operator()(probebench_ops* ops) const { ::munmap(ops, sizeof *ops); }
};
using SharedOps = std::unique_ptr<probebench_ops, Unmapped>;

Result<SharedOps> share(int memory) {
  if (memory < 0 || ::ftruncate(memory, sizeof(probebench_ops)) != 0) {
    return errno_error(Fault::cell, "share memory with a program");
  }
  void* const page = ::mmap(nullptr, sizeof(probebench_ops), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (page == MAP_FAILED) return errno_error(Fault::cell, "map memory shared with a program");
  return SharedOps(static_cast<probebench_ops*>(page));
}

std::uint32_t now(const std::uint32_t& word) {
  return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}

// Until another value stands there, or for a moment.
void wait_while(std::uint32_t& word, std::uint32_t value) {
  ::syscall(SYS_futex, &word, FUTEX_WAIT, value, &kLook, nullptr, 0);
}

// What one pair of marks takes with nothing between.
std::uint64_t ticks_of_marks() {
  std::uint64_t least = ~std::uint64_t{0};
  for (int i = 0; i < 8; ++i) {
    const auto begun = probebench_op_clock();
    least = std::min(least, probebench_op_clock() - begun);
  }
  return least;
}

// In the child. A layout of its own would make each run take other page tables.
[[noreturn]] void become_marked(const std::vector<char*>& argv, int null, int shared, probebench_ops& ops) {
  ::personality(ADDR_NO_RANDOMIZE);
  const int kept = ::dup(shared);  // without close-on-exec
  ::setenv(PROBEBENCH_OP_VARIABLE, std::to_string(kept).c_str(), 1);
  lead_streams_to(null);
  ::execvp(argv[0], argv.data());
  ops.failure = static_cast<std::uint32_t>(errno);
  ::_exit(kCannotStart);
}

class MarkedProgram : public Work {
 public:
  MarkedProgram(std::string name, SharedOps ops, Partner program)
      : name_(std::move(name)), ops_(std::move(ops)), program_(std::move(program)) {}

  // False: it ended without.
  Result<bool> begins() {
    while (now(ops().abi) == 0) {
      if (program_.has_ended()) return not_started();
      if (stop_requested()) return Error{Fault::interrupted, "interrupted during " + name_, 0, {}};
      wait_while(ops().abi, 0);
    }
    if (now(ops().abi) == PROBEBENCH_OP_ABI) return true;
    return Error{Fault::cell,
                 fmt::format("'{}' was built with another version of probebench_op.h ({}, not {})", name_,
                             ops().abi, PROBEBENCH_OP_ABI),
                 0, "build it with the header of this version"};
  }

  Status run(std::uint32_t operations) override {
    const auto ticks = ops().ticks;
    const auto last = ops().allowed + operations;
    __atomic_store_n(&ops().allowed, last, __ATOMIC_RELEASE);
    ::syscall(SYS_futex, &ops().allowed, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    for (auto done = now(ops().done); done != last; done = now(ops().done)) {
      if (program_.has_ended()) return ended_early();
      if (stop_requested()) return Error{Fault::interrupted, "interrupted during " + name_, 0, {}};
      wait_while(ops().done, done);
    }
    const auto took = ops().ticks - ticks;
    ticks_ = took - std::min(took, std::uint64_t{operations} * ticks_of_marks_);
    return Done{};
  }

  std::optional<std::uint64_t> own_ticks() const override { return ticks_; }

 private:
  probebench_ops& ops() const { return *ops_; }

  Result<bool> not_started() const {
    if (ops().failure == 0) return false;
    return Error{Fault::cell, fmt::format("start '{}'", name_), static_cast<int>(ops().failure), {}};
  }

  Error ended_early() const {
    return {Fault::cell, fmt::format("'{}' ended after {} operations", name_, now(ops().done)), 0,
            "let it make more, it is ended when all is measured"};
  }

  std::string name_;
  SharedOps ops_;
  Partner program_;
  std::uint64_t ticks_of_marks_ = ticks_of_marks();
  std::uint64_t ticks_ = 0;
};

}  // namespace

Result<std::unique_ptr<Work>> make_marked_program(const std::vector<std::string>& command) {
  const UniqueFd memory(::memfd_create("probebench_ops", MFD_CLOEXEC));
  auto ops = TRY(share(memory.get()));
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto argv = pointers_to(command);
  auto program = TRY(Partner::run([&] { become_marked(argv, null.get(), memory.get(), *ops); }));
  auto work = std::make_unique<MarkedProgram>(command.front(), std::move(ops), std::move(program));
  if (!TRY(work->begins())) return std::unique_ptr<Work>();
  return std::unique_ptr<Work>(std::move(work));
}

}  // namespace probebench::workload
