// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "attach/attachment.h"
#include "attach/bpf_link.h"

namespace probebench::attach {

// A BPF program with the cell's handler, loaded once and attached to the cell's site.
//
// The program under test is the one that is verified: in windows that ask for the counting handler the kernel
// counts its runs (BPF_ENABLE_STATS), with the probe left attached as it is. The kernel has one sum for all
// CPUs, so only the counting handler itself tells hits on other CPUs apart.
class BpfAttachment : public Attachment {
 public:
  BpfAttachment(const Cell& cell, const SiteLocation& location)
      : cell_(cell), form_(*find_bpf_form(cell.probe_type)), point_(attach_point_of(cell, location)) {}

  Status attach() override;
  Status remove() override;
  Status begin(Handler handler) override;
  void end() override { statistics_.reset(); }
  bool counts(Handler handler) const override;
  Result<HitCounts> tally() override;
  std::uint32_t runs_per_hit() const override { return form_.runs_per_hit; }
  std::string description() const override;
  Status reload_code() override;

 private:
  Status link();
  Status link_once();
  Status begin_records();
  Result<std::uint64_t> runs_without_record(std::uint64_t runs);

  Cell cell_;
  const BpfForm& form_;
  BpfAttachPoint point_;
  std::optional<BpfProgram> program_;
  std::optional<BpfLink> link_;  // declared after the program: detached before it goes
  UniqueFd statistics_;          // open: the kernel counts runs
  std::uint64_t first_run_ = 0;  // the handler `record`: runs and records since begin()
  std::uint64_t records_ = 0;
};

}  // namespace probebench::attach
