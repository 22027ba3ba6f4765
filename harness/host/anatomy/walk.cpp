// SPDX-License-Identifier: MIT
#include "anatomy/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "anatomy/flow.h"

namespace probebench {
namespace {

// A retpoline's call goes a few bytes ahead, over its own trap, only to put an address on the stack that its
// `ret` then finds replaced. No function begins so near.
constexpr std::uint64_t kRetpolineBytes = 16;

constexpr bool is_kernel(std::uint64_t address) {
  return (address >> 63) != 0;
}

struct Frame {
  bool exception = false;
  std::uint64_t resume = 0;  // where a call returns to
};

class Walk {
 public:
  explicit Walk(const Disassembler& disassembler) : disassembler_(disassembler) {}

  // From one step to the address of the next; how that was arrived at.
  Result<Arrival> pass(const Step& step, std::uint64_t next) {
    const auto [flow, target] = flow_of(step, disassembler_);
    if (is_kernel(next) && !is_kernel(step.address)) return raise_from_user(flow);
    const bool elsewhere = next != step.end() && next != step.address && next != target;
    switch (flow) {
      case Flow::onward:
        return elsewhere ? raise() : Arrival::onward;
      case Flow::jump:
        if (target && elsewhere) return raise();
        return next == step.end() ? Arrival::onward : Arrival::jump;
      case Flow::call:
        if (target && next != *target) return raise();
        return call(step, next);
      case Flow::ret:
        return leave_call(next);
      case Flow::trap:
      case Flow::system_call:  // from user space, which was dealt with
        return raise();
      case Flow::exception_return:
        return leave_exception(step, next);
    }
    return Arrival::onward;
  }

  std::size_t depth() const { return frames_.size(); }

 private:
  // A single-stepped `ret` has left its call, but the next instruction is the debug exception's first.
  Arrival raise_from_user(Flow flow) {
    if (flow == Flow::ret && !frames_.empty() && !frames_.back().exception) frames_.pop_back();
    raise();
    return flow == Flow::system_call ? Arrival::system_call : Arrival::exception;
  }

  Arrival raise() {
    frames_.push_back({.exception = true});
    return Arrival::exception;
  }

  Arrival call(const Step& step, std::uint64_t next) {
    if (next > step.end() && next - step.end() < kRetpolineBytes) return Arrival::jump;
    frames_.push_back({.resume = step.end()});
    return Arrival::call;
  }

  // Back to the call that waits for `next`, if one does since the last exception.
  bool resume_call(std::uint64_t next) {
    const auto waiting = std::find_if(frames_.rbegin(), frames_.rend(), [next](const Frame& frame) {
      return frame.exception || frame.resume == next;
    });
    if (waiting == frames_.rend() || waiting->exception) return false;
    frames_.erase(std::prev(waiting.base()), frames_.end());
    return true;
  }

  // A return that goes where no call is waiting for it: a retpoline's, or to where a return probe wants it.
  // The call whose return address was replaced is then still waiting.
  Arrival leave_call(std::uint64_t next) { return resume_call(next) ? Arrival::ret : Arrival::jump; }

  // An exception may also end a call: that of a uretprobe's trampoline returns to the probed function's
  // caller.
  Result<Arrival> leave_exception(const Step& step, std::uint64_t next) {
    const auto raised =
        std::find_if(frames_.rbegin(), frames_.rend(), [](const auto& one) { return one.exception; });
    if (raised == frames_.rend()) {
      return Error{
          Fault::cell,
          fmt::format("the path returns at {:#x} from an exception that it never took", step.address),
          0,
          {}};
    }
    frames_.erase(std::prev(raised.base()), frames_.end());
    resume_call(next);
    return Arrival::exception_return;
  }

  const Disassembler& disassembler_;
  std::vector<Frame> frames_;
};

}  // namespace

Result<std::vector<Visit>> walk(const Turn& turn, const Disassembler& disassembler) {
  Walk walk(disassembler);
  std::vector<Visit> visits{{}};
  for (std::size_t i = 0; i < turn.steps.size(); ++i) {
    const bool last = i + 1 == turn.steps.size();
    const auto arrival = walk.pass(turn.steps[i], last ? turn.next : turn.steps[i + 1].address);
    if (!arrival) return arrival.error();
    if (!last) visits.push_back({walk.depth(), *arrival});
  }
  if (walk.depth() == 0) return visits;
  return Error{
      Fault::cell, fmt::format("the path does not come back from {} of its calls", walk.depth()), 0, {}};
}

}  // namespace probebench
