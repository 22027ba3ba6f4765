// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "attach/bpf_form.h"
#include "attach/bpf_program.h"
#include "base/result.h"
#include "base/unique_fd.h"

struct bpf_link;

namespace probebench {

// What a program is attached to. Functions are given by address where there is one, else by name.
struct BpfTarget {
  std::uint64_t address = 0;
  std::string function;
  std::string event_group;  // of a tracepoint
  std::string event;
};

// A BPF program attached to something. The destructor detaches it.
class BpfAttachment {
 public:
  static Result<BpfAttachment> attach(const BpfProgram& program, const BpfForm& form,
                                      const BpfTarget& target);

  // "link 3 kprobe_multi"; "perf event" where the kernel has no links of that kind.
  std::string description() const;

 private:
  struct Deleter {
    void operator()(bpf_link* link) const;
  };
  explicit BpfAttachment(bpf_link* link) : link_(link) {}
  explicit BpfAttachment(UniqueFd raw) : raw_(std::move(raw)) {}

  int link_fd() const;

  std::unique_ptr<bpf_link, Deleter> link_;
  UniqueFd raw_;  // a link that libbpf does not know
};

// The PMU's number and the format of its return bit are the kernel's: /sys/bus/event_source/devices/kprobe.
Result<UniqueFd> open_kprobe_event(const BpfTarget& target, bool at_return);

// A kprobe-multi or session link, straight from bpf(2).
Result<UniqueFd> create_kprobe_multi_link(int program, const BpfForm& form, const BpfTarget& target);

}  // namespace probebench
