// SPDX-License-Identifier: MIT
// Trace instances of tracefs, and the events that the kernel makes on request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct tracefs_instance;

namespace probebench::attach {

// A trace buffer with a recording switch: a private instance, or for what instances cannot do, the top one.

// What one CPU's ring buffer says of itself (per_cpu/cpuN/stats).
struct BufferCounts {
  std::uint64_t records = 0;  // written, whether or not they were overwritten since
  std::uint64_t dropped = 0;  // not written
};
BufferCounts parse_buffer_counts(std::string_view stats);

class TraceInstance {
 public:
  // The top instance as it is: to read, and to define events. It is not restored.
  TraceInstance() = default;
  // An instance of that name must not exist yet; it is ours until destroy() or the end.
  static Result<TraceInstance> create(const std::string& name);
  // The top instance, when nobody uses it: no tracer, no events, no filter. Otherwise refused with EBUSY.
  static Result<TraceInstance> borrow_top();

  TraceInstance(TraceInstance&& other) noexcept;
  TraceInstance& operator=(TraceInstance&& other) = delete;
  TraceInstance(const TraceInstance&) = delete;
  TraceInstance& operator=(const TraceInstance&) = delete;
  ~TraceInstance();

  const std::string& name() const { return name_; }
  Status write(const char* file, const std::string& value) const;
  Result<std::string> read(const std::string& file) const;
  // Opens with truncation: empties the trace, or a filter.
  Status clear(const char* file) const;
  // Adds a line to a file.
  Status append(const char* file, const std::string& line) const;
  Status record(bool on) const { return write("tracing_on", on ? "1" : "0"); }
  // By CPU.
  Result<std::vector<BufferCounts>> counts() const;
  // Removes the instance, or leaves the top one as it was found.
  Status destroy();

 private:
  TraceInstance(tracefs_instance* handle, std::string name, std::string tracing_on)
      : handle_(handle), name_(std::move(name)), found_tracing_on_(std::move(tracing_on)) {}

  tracefs_instance* handle_ = nullptr;  // null: the top one
  std::string name_;                    // empty: nothing to restore
  std::string found_tracing_on_;        // of the top one, to restore
};

// A trace event that the kernel makes on request: kprobe, kretprobe, fprobe, uprobe or uretprobe.

// A line of kprobe_profile.
struct ProfileCounts {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};
// The counts of the event, 0 when no line names it.
ProfileCounts parse_kprobe_profile(std::string_view profile, std::string_view event);

class DynamicEvent {
 public:
  // `kind` is the definition's first letter (p, r, f), `where` an address, a symbol or file:offset. The name
  // must be free.
  static Result<DynamicEvent> create(char kind, const std::string& group, const std::string& event,
                                     const std::string& where);

  DynamicEvent(DynamicEvent&& other) noexcept;
  DynamicEvent& operator=(DynamicEvent&& other) = delete;
  DynamicEvent(const DynamicEvent&) = delete;
  DynamicEvent& operator=(const DynamicEvent&) = delete;
  ~DynamicEvent();

  const std::string& definition() const { return definition_; }
  // Its file "enable" below an instance's directory.
  std::string enable_file() const;
  // The kernel keeps these for kprobes and kretprobes only; a uprobe's definition names a file.
  bool has_profile() const {
    return definition_.front() != 'f' && definition_.find(" /") == std::string::npos;
  }
  Result<ProfileCounts> profile() const;
  // Fails with EBUSY while an instance has it enabled.
  Status destroy();

 private:
  DynamicEvent(std::string definition, std::string group, std::string event)
      : definition_(std::move(definition)), group_(std::move(group)), event_(std::move(event)) {}

  std::string definition_;
  std::string group_;  // empty: moved from or destroyed
  std::string event_;
};

}  // namespace probebench::attach
