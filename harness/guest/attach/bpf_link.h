// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "attach/bpf_form.h"
#include "attach/bpf_program.h"
#include "base/result.h"
#include "base/unique_fd.h"

struct bpf_link;

namespace probebench::attach {

// A BPF program attached to something. The destructor detaches it.
class BpfLink {
 public:
  // By one link, each by its first byte; the form's is a kprobe-multi link.
  static Result<BpfLink> to_functions(const BpfProgram& program, const BpfForm& form,
                                      std::span<const std::uint64_t> addresses);
  static Result<BpfLink> make(const BpfProgram& program, const BpfForm& form, const BpfAttachPoint& point);

  // "link 3 kprobe_multi"; "no link" where the kernel has none of that kind.
  std::string description() const;

 private:
  struct Deleter {
    void operator()(bpf_link* link) const;
  };
  explicit BpfLink(bpf_link* link) : link_(link) {}
  explicit BpfLink(UniqueFd raw) : raw_(std::move(raw)) {}

  std::unique_ptr<bpf_link, Deleter> link_;
  UniqueFd raw_;  // a link that libbpf does not know
};

}  // namespace probebench::attach
