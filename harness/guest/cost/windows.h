// SPDX-License-Identifier: MIT
// Windows of a workload's operations, and what one operation takes by them.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "call/user_loop.h"
#include "cost/file_memory.h"
#include "model/cost.h"
#include "workload/work.h"

namespace probebench::cost {

// What an operation is: a short one, of which a window without an interrupt has many, the same where it is
// timed and not counted, or a whole program's run, with all the interrupts that come meanwhile.
enum class OperationKind { brief, timed, whole };

class Windows {
 public:
  Windows(workload::Work& work, OperationKind kind, std::uint32_t rounds)
      : work_(work), warm_up_(kind == OperationKind::whole ? 0 : kWarmUp), kind_(kind), rounds_(rounds) {}

  // How many operations the shorter window of a pair has, for a pair to end before the next timer tick.
  Result<std::uint32_t> operations();
  // Whether a window may have interrupts that are no timer's: those by which a probe wakes its reader, at
  // each hit.
  void allow_interrupts(bool allowed) { interrupts_allowed_ = allowed; }
  // As many operations as a window has.
  Status run(std::uint32_t operations);
  // What a window of so many operations took and one of twice as many, for each round. `between` is done
  // before each window, for readers that have to keep up.
  Result<std::vector<PairTicks>> pairs(std::uint32_t operations, const std::function<Status()>& between);

  // What an operation of the last pairs() raised of them.
  double interrupts_per_op() const { return interrupts_per_op_; }

  // A window of so many operations between marker instructions, see kmod/pb_marker.h. Returns how many such
  // windows were made since ever: this one is the last.
  Result<std::uint32_t> mark(std::uint32_t operations);

  // All that were made since this was called last.
  std::uint64_t take_operations() { return std::exchange(made_, 0); }

 private:
  // The first system call behind a sleep is dearer than others: some operations come first, untimed, with
  // nothing between them and the others.
  static constexpr std::uint32_t kWarmUp = 4;

  // What a clean window took, and its interrupts.
  struct Taken {
    std::uint64_t ticks = 0;
    std::uint64_t interrupts = 0;
  };

  bool is_clean(const call::TimedLoop& loop) const;
  Result<std::uint32_t> runs();
  Result<Taken> clean_window(std::uint32_t operations, const std::function<Status()>& between);

  workload::Work& work_;
  FileMemory files_;
  std::uint32_t warm_up_;
  OperationKind kind_;
  std::uint32_t rounds_;
  bool interrupts_allowed_ = false;
  double interrupts_per_op_ = 0;
  std::uint64_t made_ = 0;
  std::uint32_t marked_ = 0;
};

// Instructions of one operation, one figure for each round: (T(2N) - T(N)) / N.
std::vector<double> per_op(const std::vector<PairTicks>& pairs, std::uint32_t operations);

}  // namespace probebench::cost
