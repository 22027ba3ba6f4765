// SPDX-License-Identifier: MIT
#include "anatomy/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "verify/classify.h"
#include "verify/disassembler.h"

namespace probebench::anatomy {
namespace {

using Places = std::vector<std::size_t>;

// Where each address occurs, and the addresses in the order of their first execution.
struct Occurrences {
  std::unordered_map<std::uint64_t, Places> at;
  std::vector<std::uint64_t> order;
};

Occurrences occurrences_in(const Path& path) {
  Occurrences found;
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto& places = found.at[path[i].address];
    if (places.empty()) found.order.push_back(path[i].address);
    places.push_back(i);
  }
  return found;
}

bool same_path(const Path& path, std::size_t one, std::size_t other, std::size_t length) {
  const auto begin = path.begin();
  return std::equal(begin + static_cast<std::ptrdiff_t>(one),
                    begin + static_cast<std::ptrdiff_t>(one + length),
                    begin + static_cast<std::ptrdiff_t>(other));
}

// The last turns are the same, instruction by instruction.
bool repeats(const Path& path, const Places& heads) {
  const auto last = heads.size() - 2;
  const auto length = heads[last + 1] - heads[last];
  for (auto turn = last - (kEqualTurns - 1); turn < last; ++turn) {
    if (heads[turn + 1] - heads[turn] != length || !same_path(path, heads[turn], heads[last], length))
      return false;
  }
  return true;
}

struct Frame {
  bool exception = false;
  std::uint64_t resume = 0;  // where a call returns to
};

class Walk {
 public:
  explicit Walk(const verify::Disassembler& disassembler) : disassembler_(disassembler) {}

  // How the next instruction was reached from this one.
  Result<Arrival> pass(const Step& step, std::uint64_t next) {
    const auto [flow, target] = verify::flow_of(step.bytes, step.address, disassembler_);
    if (verify::is_kernel_address(next) && !verify::is_kernel_address(step.address))
      return raise_from_user(flow);
    const bool elsewhere = next != step.end() && next != step.address && next != target;
    switch (flow) {
      case verify::Flow::onward:
        return elsewhere ? raise() : Arrival::onward;
      case verify::Flow::jump:
        if (target && elsewhere) return raise();
        return next == step.end() ? Arrival::onward : Arrival::jump;
      case verify::Flow::call:
        if (target && next != *target) return raise();
        return call(step, next);
      case verify::Flow::ret:
        return leave_call(next);
      case verify::Flow::trap:
      case verify::Flow::system_call:  // from user space; handled above
        return raise();
      case verify::Flow::exception_return:
        return leave_exception(step, next);
    }
    return Arrival::onward;
  }

  std::size_t depth() const { return frames_.size(); }

 private:
  // A single-stepped `ret` has left its call, but the next instruction is the debug exception's first.
  Arrival raise_from_user(verify::Flow flow) {
    if (flow == verify::Flow::ret && !frames_.empty() && !frames_.back().exception) frames_.pop_back();
    raise();
    return flow == verify::Flow::system_call ? Arrival::system_call : Arrival::exception;
  }

  Arrival raise() {
    frames_.push_back({.exception = true});
    return Arrival::exception;
  }

  Arrival call(const Step& step, std::uint64_t next) {
    const bool x86 = disassembler_.arch() == ArchId::x86_64;
    if (x86 && verify::is_retpoline_call(step.end(), next)) return Arrival::jump;
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

  // A return to an address that no open call expects: that of a retpoline, or one redirected by a return
  // probe. In the second case the call whose return address was replaced stays open.
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

  const verify::Disassembler& disassembler_;
  std::vector<Frame> frames_;
};

}  // namespace

Result<Turn> last_turn(const Path& path, std::uint32_t calls) {
  const auto found = occurrences_in(path);
  bool one_has_the_number = false;
  for (const auto address : found.order) {
    const auto& heads = found.at.at(address);
    if (heads.size() != calls || calls <= kEqualTurns) continue;
    one_has_the_number = true;
    if (!repeats(path, heads)) continue;
    const auto from = heads[calls - 2];
    return Turn{std::span(path).subspan(from, heads[calls - 1] - from), address};
  }
  if (one_has_the_number) return Error{Fault::cell, "the last calls took different paths", 0, {}};
  return Error{Fault::cell,
               fmt::format("no loop of {} calls is in the {} recorded instructions", calls, path.size()),
               0,
               {}};
}

Result<std::vector<Visit>> walk(const Turn& turn, const verify::Disassembler& disassembler) {
  Walk walk(disassembler);
  std::vector<Visit> visits{{}};
  for (std::size_t i = 0; i < turn.steps.size(); ++i) {
    const bool last = i + 1 == turn.steps.size();
    const auto arrival = TRY(walk.pass(turn.steps[i], last ? turn.next : turn.steps[i + 1].address));
    if (!last) visits.push_back({walk.depth(), arrival});
  }
  if (walk.depth() == 0) return visits;
  return Error{
      Fault::cell, fmt::format("the path does not come back from {} of its calls", walk.depth()), 0, {}};
}

}  // namespace probebench::anatomy
