// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "attach/attachment.h"
#include "base/unique_fd.h"

namespace probebench::attach {

class SampleRing;

// A perf event of the calling thread: on a kprobe, on a uprobe, or a breakpoint. The event always counts;
// with the handler `record` it also samples each hit into a ring buffer.
class PerfAttachment : public Attachment {
 public:
  PerfAttachment(const Cell& cell, const SiteLocation& location);
  ~PerfAttachment() override;
  PerfAttachment(const PerfAttachment&) = delete;
  PerfAttachment& operator=(const PerfAttachment&) = delete;

  Status attach() override;
  Status remove() override;
  Status begin(Handler handler) override;
  bool counts(Handler handler) const override;
  Result<HitCounts> tally() override;
  std::string description() const override;

 private:
  Cell cell_;
  SiteLocation location_;
  UniqueFd event_;
  std::unique_ptr<SampleRing> ring_;  // Handler::record only
  std::uint64_t count_ = 0;           // when the window began
};

}  // namespace probebench::attach
