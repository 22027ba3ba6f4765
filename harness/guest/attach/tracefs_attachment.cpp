// SPDX-License-Identifier: MIT
#include "attach/tracefs_attachment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "attach/bpf_form.h"
#include "base/text.h"

namespace probebench::attach {
namespace {

std::string event_name(const Cell& cell) {
  std::string event(info_of(cell.probe_type).name);
  std::ranges::replace(event, '-', '_');
  return event;
}

// Instances can have the graph tracer since Linux 6.11; before, only the top one. Its name is looked up, not
// tried: without a filter the tracer would patch every function of the kernel.
Result<TraceInstance> instance_for(const Cell& cell) {
  auto instance = TraceInstance::create(trace_name());
  if (!instance || cell.probe_type != ProbeType::tracefs_function_graph) return instance;
  const auto tracers = TRY(instance->read("available_tracers"));
  if (std::ranges::count(split(trimmed(tracers), ' '), "function_graph") != 0) return instance;
  return TraceInstance::borrow_top();
}

// What a definition says of the place. The path by which every process finds its own program needs no
// quoting, whatever the real one is.
std::string place_of(const SiteLocation& location) {
  return location.in_file() ? fmt::format("/proc/self/exe:{:#x}", location.offset)
                            : fmt::format("{:#x}", location.address);
}

}  // namespace

std::string trace_name() {
  return fmt::format("probebench_{}", ::getpid());
}

TraceAttachment::TraceAttachment(const Cell& cell, const SiteLocation& location)
    : cell_(cell), location_(location) {}

TraceAttachment::~TraceAttachment() {
  // remove() tells of failures to whoever asks; here nobody does.
  [[maybe_unused]] const auto status = remove();
}

// With nothing recorded at first: not the hits before the first window either.
Status TraceAttachment::attach() {
  auto instance = TRY(instance_for(cell_));
  instance_.emplace(std::move(instance));
  TRY(instance_->record(false));
  const std::string symbol(info_of(cell_.site).symbol);
  switch (cell_.probe_type) {
    case ProbeType::tracefs_kprobe:
    case ProbeType::tracefs_uprobe:
      return define('p', place_of(location_));
    case ProbeType::tracefs_kretprobe:
    case ProbeType::tracefs_uretprobe:
      return define('r', place_of(location_));
    case ProbeType::tracefs_fprobe:
      return define('f', symbol);
    case ProbeType::tracefs_function:
      return trace("function", symbol, 1);
    case ProbeType::tracefs_function_graph:
      return trace("function_graph", symbol, 2);
    default:
      const auto event = event_of(cell_.site).value_or(BpfAttachPoint{});
      return enable("events/" + event.event_group + '/' + event.event + "/enable");
  }
}

Status TraceAttachment::define(char kind, const std::string& where) {
  auto defined = TRY(DynamicEvent::create(kind, trace_name(), event_name(cell_), where));
  event_.emplace(std::move(defined));
  return enable(event_->enable_file());
}

Status TraceAttachment::enable(const std::string& file) {
  enabled_ = file;
  return instance_->write(file.c_str(), "1");
}

Status TraceAttachment::trace(const std::string& tracer, const std::string& function,
                              unsigned records_per_hit) {
  records_per_hit_ = records_per_hit;
  filtered_ = true;
  TRY(instance_->write("set_ftrace_filter", function));
  tracer_ = tracer;
  return instance_->write("current_tracer", tracer);
}

Status TraceAttachment::begin(Handler handler) {
  const bool recording = handler != Handler::nop;
  TRY(instance_->record(recording));
  recording_ = recording;
  if (!recording) return Done{};
  // Every window begins at the beginning of a page, so that the same pages are turned.
  TRY(instance_->clear("trace"));
  if (!event_ || !event_->has_profile()) return Done{};
  profile_ = TRY(event_->profile());
  return Done{};
}

Result<HitCounts> TraceAttachment::tally() {
  if (!recording_) return HitCounts{{0}, 0};
  const auto counts = TRY(instance_->counts());
  HitCounts tally;
  std::uint64_t records = 0;
  for (const auto& cpu : counts) {
    records += cpu.records;
    tally.runs.push_back(cpu.records / records_per_hit_);
    tally.missed += cpu.records % records_per_hit_ + cpu.dropped;
  }
  const auto missed = TRY(missed_by_profile(records));
  tally.missed += missed;
  return tally;
}

// What the kernel's own account of a kprobe says beside the records: misses, and hits without a record.
Result<std::uint64_t> TraceAttachment::missed_by_profile(std::uint64_t records) const {
  if (!event_ || !event_->has_profile()) return std::uint64_t{0};
  const auto now = TRY(event_->profile());
  const std::uint64_t hits = now.hits - profile_.hits;
  return now.misses - profile_.misses + (std::max(hits, records) - std::min(hits, records));
}

std::string TraceAttachment::description() const {
  std::string text = "trace instance " + instance_->name();
  if (event_) return text + ", " + event_->definition();
  return text + ", " + (tracer_.empty() ? enabled_ : "tracer " + tracer_);
}

Status TraceAttachment::stop() {
  if (!std::exchange(tracer_, {}).empty()) {
    TRY(instance_->write("current_tracer", "nop"));
  }
  if (std::exchange(filtered_, false)) {
    TRY(instance_->clear("set_ftrace_filter"));
  }
  if (const auto file = std::exchange(enabled_, {}); !file.empty()) {
    TRY(instance_->write(file.c_str(), "0"));
  }
  return event_ ? event_->destroy() : Status(Done{});
}

// The instance goes even when something in it did not.
Status TraceAttachment::remove() {
  if (!instance_) return Done{};
  const auto stopped = stop();
  auto destroyed = instance_->destroy();
  event_.reset();
  instance_.reset();
  return stopped ? destroyed : stopped;
}

}  // namespace probebench::attach
