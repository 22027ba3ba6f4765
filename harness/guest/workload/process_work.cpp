// SPDX-License-Identifier: MIT
// Work that other processes take part in.
#include <fmt/format.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/unique_fd.h"
#include "workload/assembly.h"
#include "workload/partner.h"
#include "workload/work.h"

// A static program that only ends (child_x86.S), carried inside this one.
extern "C" const char probebench_child_begin[];
extern "C" const char probebench_child_end[];

namespace probebench::workload {
namespace {

void echo(int from, int to) {
  char byte = 0;
  while (::read(from, &byte, 1) == 1 && ::write(to, &byte, 1) == 1) {
  }
}

class PingPong : public Work {
 public:
  PingPong(UniqueFd to, UniqueFd from, Partner child)
      : to_(std::move(to)), from_(std::move(from)), child_(std::move(child)) {}

  Status run(std::uint32_t operations) override {
    char byte = 0;
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (::write(to_.get(), &byte, 1) != 1) return errno_error(Fault::cell, "write into a pipe");
      if (::read(from_.get(), &byte, 1) != 1) return errno_error(Fault::cell, "read from a pipe");
    }
    return Done{};
  }

 private:
  UniqueFd to_;
  UniqueFd from_;
  Partner child_;
};

// What a process that runs programs is told, and what it answers.
struct Order {
  std::uint32_t operations = 0;
};
struct Answer {
  int exit_code = 0;  // of the program that failed; -1: it could not be started
};

void follow_orders(const std::vector<std::string>& argv, int from, int to) {
  Order order;
  while (::read(from, &order, sizeof order) == sizeof order) {
    Answer answer;
    for (std::uint32_t i = 0; i < order.operations && answer.exit_code == 0; ++i) {
      const auto ended = run_program(argv);
      answer.exit_code = ended ? ended->exit_code : -1;
    }
    if (::write(to, &answer, sizeof answer) != sizeof answer) return;
  }
}

// Another process starts the programs: fork copies what its caller has in memory, which for this one would be
// different whenever something is attached.
class Programs : public Work {
 public:
  static MadeWork make(std::vector<std::string> argv, Scratch scratch, unsigned long personality = 0) {
    auto orders = TRY(make_pipe());
    auto answers = TRY(make_pipe());
    auto starter = Partner::run([&] {
      orders.write_end.reset();
      answers.read_end.reset();
      if (personality != 0) ::personality(personality);
      follow_orders(argv, orders.read_end.get(), answers.write_end.get());
    });
    if (!starter) return starter.error();
    return MadeWork(
        std::unique_ptr<Work>(new Programs(argv.front(), std::move(scratch), std::move(orders.write_end),
                                           std::move(answers.read_end), std::move(*starter))));
  }

  Status run(std::uint32_t operations) override {
    const Order order{operations};
    Answer answer;
    if (::write(orders_.get(), &order, sizeof order) != sizeof order ||
        ::read(answers_.get(), &answer, sizeof answer) != sizeof answer) {
      return errno_error(Fault::cell, "talk to the process that starts " + program_);
    }
    if (answer.exit_code == 0) return Done{};
    return Error{Fault::cell, fmt::format("'{}' failed: exit code {}", program_, answer.exit_code), 0, {}};
  }

 private:
  Programs(std::string program, Scratch scratch, UniqueFd orders, UniqueFd answers, Partner starter)
      : program_(std::move(program)),
        scratch_(std::move(scratch)),
        orders_(std::move(orders)),
        answers_(std::move(answers)),
        starter_(std::move(starter)) {}

  std::string program_;
  Scratch scratch_;
  UniqueFd orders_;
  UniqueFd answers_;
  Partner starter_;
};

Status write_program(const std::filesystem::path& path) {
  const std::string_view program(probebench_child_begin,
                                 static_cast<std::size_t>(probebench_child_end - probebench_child_begin));
  TRY(write_file_atomic(path, program));
  if (::chmod(path.c_str(), 0700) == 0) return Done{};
  return errno_error(Fault::cell, "make " + path.string() + " executable");
}

}  // namespace

MadeWork make_ping_pong() {
  auto there = TRY(make_pipe());
  auto back = TRY(make_pipe());
  auto child = Partner::run([&] {
    there.write_end.reset();
    back.read_end.reset();
    echo(there.read_end.get(), back.write_end.get());
  });
  if (!child) return child.error();
  return MadeWork(
      std::make_unique<PingPong>(std::move(there.write_end), std::move(back.read_end), std::move(*child)));
}

MadeWork make_fork_exec_wait() {
  auto scratch = TRY(Scratch::make());
  const auto program = scratch / "child";
  TRY(write_program(program));
  return Programs::make({program.string()}, std::move(scratch));
}

MadeWork make_program(std::vector<std::string> command) {
  // A layout of its own makes each run take other page tables.
  return Programs::make(std::move(command), TRY(Scratch::make()), ADDR_NO_RANDOMIZE);
}

MadeWork make_compile() {
  constexpr const char* kAssembler = "/usr/bin/as";
  if (::access(kAssembler, X_OK) != 0) {
    return errno_error(Fault::unsupported, std::string("find ") + kAssembler, "install binutils on the host");
  }
  auto scratch = TRY(Scratch::make());
  const auto source = scratch / "small.s";
  TRY(write_file_atomic(source, assembly_source()));
  std::vector<std::string> argv{kAssembler, "-o", (scratch / "small.o").string(), source.string()};
  return Programs::make(std::move(argv), std::move(scratch));
}

}  // namespace probebench::workload
