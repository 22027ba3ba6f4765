// SPDX-License-Identifier: MIT
// Probes that do nothing on every other function: what a row "on all functions" is measured among.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "attach/attachment.h"
#include "attach/bpf_link.h"
#include "attach/bpf_program.h"
#include "base/result.h"
#include "model/sample.h"

namespace probebench::attach {

// Functions that a line of available_filter_functions names and that the crowd leaves out: the helper
// module's, whose cost is measured, and those where a probe harms the kernel, as its own benchmark has them
// (tools/testing/selftests/bpf/trace_helpers.c, skip_entry()).
bool is_left_out(std::string_view line);

// Where the functions of the crowd begin. A name that several functions have stands for none of them. Read
// once.
Result<std::span<const std::uint64_t>> functions_of_a_crowd();

// A BPF program that does nothing on each of them, by one fprobe. The destructor detaches it.
class ProbedCrowd {
 public:
  // Attached as `form`, a kprobe-multi link's, says.
  static Result<ProbedCrowd> gather(const BpfForm& form);

  const Crowd& crowd() const { return crowd_; }

 private:
  ProbedCrowd(BpfProgram program, BpfLink link, Crowd crowd)
      : program_(std::move(program)), link_(std::move(link)), crowd_(crowd) {}

  BpfProgram program_;
  BpfLink link_;  // declared after the program: detached before it goes
  Crowd crowd_;
};

// An attachment that has a crowd as long as it is attached. The crowd of a row of the helper module's is
// BPF's, too: an fprobe's own path calls no function that could be in it, so a hit costs what it costs alone.
class CrowdedAttachment : public Attachment {
 public:
  CrowdedAttachment(std::unique_ptr<Attachment> own, ProbeType type)
      : own_(std::move(own)), form_(form_of_crowd(type)) {}

  Status attach() override;
  Status remove() override;
  Status begin(Handler handler) override { return own_->begin(handler); }
  void end() override { own_->end(); }
  bool counts(Handler handler) const override { return own_->counts(handler); }
  Result<HitCounts> tally() override { return own_->tally(); }
  std::uint32_t runs_per_hit() const override { return own_->runs_per_hit(); }
  std::string description() const override { return own_->description(); }
  std::optional<Crowd> crowd() const override;
  Status reload_code() override { return own_->reload_code(); }

 private:
  static const BpfForm& form_of_crowd(ProbeType type);

  std::unique_ptr<Attachment> own_;
  const BpfForm& form_;
  std::optional<ProbedCrowd> crowd_;
};

}  // namespace probebench::attach
