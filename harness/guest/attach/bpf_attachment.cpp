// SPDX-License-Identifier: MIT
#include "attach/bpf_attachment.h"

#include <cerrno>

#include "attach/short_address.h"
#include "kernel/arch.h"

namespace probebench::attach {

Status BpfAttachment::attach() {
  if (!program_) {
    TRY(reload_code());
  }
  auto status = link();
  if (status || status.error().err != ENOENT || form_.attach != BpfAttach::trampoline) return status;
  // Linux 5.10 attaches a trampoline's program once in its life.
  TRY(reload_code());
  return link();
}

// A trampoline that calls the function has the address of its own record in it.
Status BpfAttachment::link() {
  if (form_.attach != BpfAttach::trampoline || !kernel::kAddressesHaveParts) return link_once();
  for (std::size_t tries = 0;; ++tries) {
    auto watch = TrampolineWatch::begin();
    TRY(link_once());
    if (tries == kMostTries || !watch || !watch->has_short_address()) return Done{};
    link_.reset();
  }
}

Status BpfAttachment::link_once() {
  auto link = TRY(BpfLink::make(*program_, form_, point_));
  link_.emplace(std::move(link));
  return Done{};
}

Status BpfAttachment::remove() {
  link_.reset();
  return Done{};
}

Status BpfAttachment::reload_code() {
  BpfProgramSpec spec{std::string(form_.kind), cell_.handler, form_.attach_type, {}, cell_.delay_ns};
  if (form_.by_btf) spec.target = point_.event.empty() ? point_.function : point_.event;
  auto program = TRY(BpfProgram::load(spec));
  program_.emplace(std::move(program));
  return Done{};
}

bool BpfAttachment::counts(Handler handler) const {
  return handler == Handler::count || cell_.handler == Handler::count;
}

// The counting handler needs no help of the kernel.
Status BpfAttachment::begin(Handler handler) {
  if (counts(handler) && cell_.handler != Handler::count) {
    statistics_ = TRY(enable_bpf_run_statistics());
  }
  return cell_.handler == Handler::record ? begin_records() : Status(Done{});
}

// The ring is empty when a window begins: it has room for the records of one.
Status BpfAttachment::begin_records() {
  TRY(program_->drain());
  const auto runs = TRY(program_->runs());
  first_run_ = runs.runs;
  records_ = 0;
  return Done{};
}

Result<HitCounts> BpfAttachment::tally() {
  const auto runs = TRY(program_->runs());
  if (cell_.handler == Handler::count) {
    auto hits = TRY(program_->hits());
    return HitCounts{std::move(hits), runs.missed};
  }
  const auto unrecorded = TRY(runs_without_record(runs.runs));
  return HitCounts{{runs.runs}, runs.missed + unrecorded};
}

// A program that ran but found the ring full did not do the handler's work.
Result<std::uint64_t> BpfAttachment::runs_without_record(std::uint64_t runs) {
  if (cell_.handler != Handler::record) return std::uint64_t{0};
  const auto drained = TRY(program_->drain());
  records_ += drained;
  const auto expected = runs - first_run_;
  return expected > records_ ? expected - records_ : 0;
}

// Of a process's probe the program says enough.
std::string BpfAttachment::description() const {
  if (point_.location.in_file()) return program_->description();
  return link_->description() + ", " + program_->description();
}

}  // namespace probebench::attach
