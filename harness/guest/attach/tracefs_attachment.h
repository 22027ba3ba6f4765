// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "attach/attachment.h"
#include "attach/tracefs_instance.h"

namespace probebench::attach {

// Group of our events and name of our instance: nobody else's, and this process's alone.
std::string trace_name();

// The trace event or tracer of the cell's probe type in an instance of its own. With the handler nop the
// instance's tracing is off: the kernel's program runs and finds that there is nothing to record. With any
// other it records one event per hit; the records are the count.
class TraceAttachment : public Attachment {
 public:
  TraceAttachment(const Cell& cell, const SiteLocation& location);
  ~TraceAttachment() override;
  TraceAttachment(const TraceAttachment&) = delete;
  TraceAttachment& operator=(const TraceAttachment&) = delete;

  Status attach() override;
  // In the order that the kernel wants.
  Status remove() override;
  Status begin(Handler handler) override;
  bool counts(Handler handler) const override { return handler != Handler::nop; }
  Result<HitCounts> tally() override;
  std::string description() const override;

 private:
  // Each leaves what it did to remove().
  Status define(char kind, const std::string& where);
  Status enable(const std::string& file);
  Status trace(const std::string& tracer, const std::string& function, unsigned records_per_hit);
  Result<std::uint64_t> missed_by_profile(std::uint64_t records) const;
  Status stop();

  Cell cell_;
  SiteLocation location_;
  std::optional<TraceInstance> instance_;
  std::optional<DynamicEvent> event_;
  std::string enabled_;  // the file that enabled an event; empty: none
  std::string tracer_;   // empty: none
  bool filtered_ = false;
  unsigned records_per_hit_ = 1;
  bool recording_ = false;
  ProfileCounts profile_;  // when the window began
};

}  // namespace probebench::attach
