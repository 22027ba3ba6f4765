// SPDX-License-Identifier: MIT
#include "attach/tracefs_attachment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "attach/dynamic_event.h"
#include "attach/tracefs_instance.h"

namespace probebench {
namespace {

// The helper module's tracepoint (kmod/pb_trace.h).
constexpr const char* kTracepointEnable = "events/probebench/pb_site_call/enable";

// Holds whatever members it is given, and removes them in the order that the kernel wants.
class TraceAttachment : public EventAttachment {
 public:
  explicit TraceAttachment(TraceInstance instance) : instance_(std::move(instance)) {}
  ~TraceAttachment() override {
    // remove() tells of failures to whoever asks; here nobody does.
    [[maybe_unused]] const auto status = remove();
  }

  // Each leaves what it did to remove().
  Status define(char kind, const std::string& event, const std::string& where);
  Status enable(const std::string& file);
  Status trace(const std::string& tracer, const std::string& function, unsigned records_per_hit);

  Status begin(Handler handler) override;
  Result<HitCounts> tally() const override;
  std::string description() const override;
  Status remove() override;

 private:
  Result<std::uint64_t> missed_by_profile(std::uint64_t records) const;
  Status stop();

  TraceInstance instance_;
  std::optional<DynamicEvent> event_;
  std::string enabled_;  // the file that enabled an event; empty: none
  std::string tracer_;   // empty: none
  bool filtered_ = false;
  unsigned records_per_hit_ = 1;
  bool recording_ = false;
  ProfileCounts profile_;  // when the window began
};

Status TraceAttachment::define(char kind, const std::string& event, const std::string& where) {
  auto defined = DynamicEvent::create(kind, trace_name(), event, where);
  if (!defined) return defined.error();
  event_.emplace(std::move(*defined));
  return enable(event_->enable_file());
}

Status TraceAttachment::enable(const std::string& file) {
  enabled_ = file;
  return instance_.write(file.c_str(), "1");
}

Status TraceAttachment::trace(const std::string& tracer, const std::string& function,
                              unsigned records_per_hit) {
  records_per_hit_ = records_per_hit;
  filtered_ = true;
  if (auto status = instance_.write("set_ftrace_filter", function); !status) return status;
  tracer_ = tracer;
  return instance_.write("current_tracer", tracer);
}

Status TraceAttachment::begin(Handler handler) {
  const bool recording = handler != Handler::nop;
  if (auto status = instance_.record(recording); !status) return status;
  recording_ = recording;
  if (!recording) return Done{};
  // Every window begins at the beginning of a page, so that the same pages are turned.
  if (auto status = instance_.clear("trace"); !status) return status;
  if (!event_ || !event_->has_profile()) return Done{};
  const auto profile = event_->profile();
  if (!profile) return profile.error();
  profile_ = *profile;
  return Done{};
}

Result<HitCounts> TraceAttachment::tally() const {
  if (!recording_) return HitCounts{{0}, 0};
  const auto counts = instance_.counts();
  if (!counts) return counts.error();
  HitCounts tally;
  std::uint64_t records = 0;
  for (const auto& cpu : *counts) {
    records += cpu.records;
    tally.runs.push_back(cpu.records / records_per_hit_);
    tally.missed += cpu.records % records_per_hit_ + cpu.dropped;
  }
  const auto missed = missed_by_profile(records);
  if (!missed) return missed.error();
  tally.missed += *missed;
  return tally;
}

// What the kernel's own account of a kprobe says beside the records: misses, and hits without a record.
Result<std::uint64_t> TraceAttachment::missed_by_profile(std::uint64_t records) const {
  if (!event_ || !event_->has_profile()) return std::uint64_t{0};
  const auto now = event_->profile();
  if (!now) return now.error();
  const std::uint64_t hits = now->hits - profile_.hits;
  return now->misses - profile_.misses + (std::max(hits, records) - std::min(hits, records));
}

std::string TraceAttachment::description() const {
  std::string text = "trace instance " + instance_.name();
  if (event_) return text + ", " + event_->definition();
  return text + ", " + (tracer_.empty() ? enabled_ : "tracer " + tracer_);
}

Status TraceAttachment::stop() {
  if (!std::exchange(tracer_, {}).empty()) {
    if (auto status = instance_.write("current_tracer", "nop"); !status) return status;
  }
  if (std::exchange(filtered_, false)) {
    if (auto status = instance_.clear("set_ftrace_filter"); !status) return status;
  }
  if (const auto file = std::exchange(enabled_, {}); !file.empty()) {
    if (auto status = instance_.write(file.c_str(), "0"); !status) return status;
  }
  return event_ ? event_->destroy() : Status(Done{});
}

// The instance goes even when something in it did not.
Status TraceAttachment::remove() {
  const auto stopped = stop();
  auto destroyed = instance_.destroy();
  return stopped ? destroyed : stopped;
}

// Instances can have the graph tracer since Linux 6.11; before, only the top one.
Result<TraceInstance> instance_for(const Cell& cell) {
  auto instance = TraceInstance::create(trace_name());
  if (!instance || cell.probe_type != ProbeType::tracefs_function_graph) return instance;
  if (instance->write("current_tracer", "function_graph")) {
    if (auto status = instance->write("current_tracer", "nop"); !status) return status.error();
    return instance;
  }
  return TraceInstance::borrow_top();
}

std::string event_name(const Cell& cell) {
  std::string event(info_of(cell.probe_type).name);
  std::ranges::replace(event, '-', '_');
  return event;
}

Status attach(TraceAttachment& attachment, const Cell& cell, std::uint64_t address) {
  const std::string symbol(info_of(cell.site).symbol);
  const auto event = event_name(cell);
  switch (cell.probe_type) {
    case ProbeType::tracefs_kprobe:
      return attachment.define('p', event, fmt::format("{:#x}", address));
    case ProbeType::tracefs_kretprobe:
      return attachment.define('r', event, fmt::format("{:#x}", address));
    case ProbeType::tracefs_fprobe:
      return attachment.define('f', event, symbol);
    case ProbeType::tracefs_function:
      return attachment.trace("function", symbol, 1);
    case ProbeType::tracefs_function_graph:
      return attachment.trace("function_graph", symbol, 2);
    case ProbeType::tracefs_tracepoint:
      return attachment.enable(kTracepointEnable);
    default:
      return Error{Fault::cell, "attach a trace event as " + event, EINVAL, {}};
  }
}

}  // namespace

// A page holds 4080 bytes; records are 20 to 32 bytes long, the graph tracer's two together 68.
std::uint32_t calls_within_a_trace_page(const Cell& cell) {
  return cell.probe_type == ProbeType::tracefs_function_graph ? 40 : 100;
}

std::string trace_name() {
  return fmt::format("probebench_{}", ::getpid());
}

Result<AttachedEvent> attach_trace_event(const Cell& cell, std::uint64_t address) {
  auto instance = instance_for(cell);
  if (!instance) return instance.error();
  auto attachment = std::make_unique<TraceAttachment>(std::move(*instance));
  if (auto status = attach(*attachment, cell, address); !status) return status.error();
  return AttachedEvent(std::move(attachment));
}

Result<AttachedEvent> attach_trace_uprobe(const Cell& cell, const std::string& file, std::uint64_t offset) {
  auto instance = TraceInstance::create(trace_name());
  if (!instance) return instance.error();
  auto attachment = std::make_unique<TraceAttachment>(std::move(*instance));
  const char kind = info_of(cell.probe_type).mechanism == Mechanism::uretprobe ? 'r' : 'p';
  const auto where = fmt::format("{}:{:#x}", file, offset);
  if (auto status = attachment->define(kind, event_name(cell), where); !status) return status.error();
  return AttachedEvent(std::move(attachment));
}

}  // namespace probebench
