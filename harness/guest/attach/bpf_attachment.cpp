// SPDX-License-Identifier: MIT
#include "attach/bpf_attachment.h"

#include <cerrno>

namespace probebench::attach {

Status BpfAttachment::attach() {
  if (!program_) {
    if (auto status = reload_code(); !status) return status;
  }
  auto status = link();
  if (status || status.error().err != ENOENT || form_.attach != BpfAttach::trampoline) return status;
  // Linux 5.10 attaches a trampoline's program once in its life.
  if (auto loaded = reload_code(); !loaded) return loaded;
  return link();
}

Status BpfAttachment::link() {
  auto link = BpfLink::make(*program_, form_, point_);
  if (!link) return link.error();
  link_.emplace(std::move(*link));
  return Done{};
}

Status BpfAttachment::remove() {
  link_.reset();
  return Done{};
}

Status BpfAttachment::reload_code() {
  BpfProgramSpec spec{std::string(form_.kind), cell_.handler, form_.attach_type, {}, cell_.delay_ns};
  if (form_.by_btf) spec.target = point_.event.empty() ? point_.function : point_.event;
  auto program = BpfProgram::load(spec);
  if (!program) return program.error();
  program_.emplace(std::move(*program));
  return Done{};
}

bool BpfAttachment::counts(Handler handler) const {
  return handler == Handler::count || cell_.handler == Handler::count;
}

// The counting handler needs no help of the kernel.
Status BpfAttachment::begin(Handler handler) {
  if (counts(handler) && cell_.handler != Handler::count) {
    auto statistics = enable_bpf_run_statistics();
    if (!statistics) return statistics.error();
    statistics_ = std::move(*statistics);
  }
  return cell_.handler == Handler::record ? begin_records() : Status(Done{});
}

// The ring is empty when a window begins: it has room for the records of one.
Status BpfAttachment::begin_records() {
  const auto old = program_->drain();
  if (!old) return old.error();
  const auto runs = program_->runs();
  if (!runs) return runs.error();
  first_run_ = runs->runs;
  records_ = 0;
  return Done{};
}

Result<HitCounts> BpfAttachment::tally() {
  const auto runs = program_->runs();
  if (!runs) return runs.error();
  if (cell_.handler == Handler::count) {
    auto hits = program_->hits();
    if (!hits) return hits.error();
    return HitCounts{std::move(*hits), runs->missed};
  }
  const auto unrecorded = runs_without_record(runs->runs);
  if (!unrecorded) return unrecorded.error();
  return HitCounts{{runs->runs}, runs->missed + *unrecorded};
}

// A program that ran but found the ring full did not do the handler's work.
Result<std::uint64_t> BpfAttachment::runs_without_record(std::uint64_t runs) {
  if (cell_.handler != Handler::record) return std::uint64_t{0};
  const auto drained = program_->drain();
  if (!drained) return drained.error();
  records_ += *drained;
  const auto expected = runs - first_run_;
  return expected > records_ ? expected - records_ : 0;
}

// Of a process's probe the program says enough.
std::string BpfAttachment::description() const {
  if (point_.location.in_file()) return program_->description();
  return link_->description() + ", " + program_->description();
}

}  // namespace probebench::attach
