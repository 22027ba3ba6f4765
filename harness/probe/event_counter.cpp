// SPDX-License-Identifier: MIT
#include "probe/event_counter.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.h"
#include "probe/bpf_error.h"

namespace probebench {
namespace {

constexpr const char* kPmus = "/sys/bus/event_source/devices";
constexpr const char* kEvents = "/sys/kernel/tracing/events";

// Its own kind of error where this kernel has not got it.
Result<std::uint64_t> number_in(const fs::path& file, const std::string& what) {
  const auto text = read_file(file);
  if (!text) return Error{Fault::unsupported, "find " + what, text.error().err, {}};
  return std::strtoull(text->c_str(), nullptr, 10);
}

Result<UniqueFd> open_event(perf_event_attr attributes, const std::string& what) {
  attributes.size = sizeof attributes;
  attributes.inherit = 1;
  UniqueFd event(
      static_cast<int>(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!event) return bpf_error("count " + what + " by a perf event", errno);
  return event;
}

}  // namespace

Result<EventCounter> EventCounter::of_event(const std::string& name) {
  const auto colon = name.find(':');
  const auto id = number_in(fs::path(kEvents) / name.substr(0, colon) / name.substr(colon + 1) / "id",
                            "the trace event " + name);
  if (!id) return id.error();
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = *id;
  auto event = open_event(attributes, name);
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

Result<EventCounter> EventCounter::of_function(const std::string& function, std::uint64_t offset) {
  const auto type = number_in(fs::path(kPmus) / "kprobe" / "type", "the kprobe PMU");
  if (!type) return type.error();
  perf_event_attr attributes{};
  attributes.type = static_cast<std::uint32_t>(*type);
  attributes.kprobe_func = reinterpret_cast<std::uintptr_t>(function.c_str());
  attributes.probe_offset = offset;
  auto event = open_event(attributes, function);
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

Result<EventCounter> EventCounter::of_file(const fs::path& file, std::uint64_t offset) {
  const auto type = number_in(fs::path(kPmus) / "uprobe" / "type", "the uprobe PMU");
  if (!type) return type.error();
  perf_event_attr attributes{};
  attributes.type = static_cast<std::uint32_t>(*type);
  attributes.uprobe_path = reinterpret_cast<std::uintptr_t>(file.c_str());
  attributes.probe_offset = offset;
  auto event = open_event(attributes, file.string());
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

// A child's count is added to its parent's when it ends, and a read has them all.
Result<std::uint64_t> EventCounter::read() const {
  std::uint64_t count = 0;
  if (::read(event_.get(), &count, sizeof count) == sizeof count) return count;
  return errno_error(Fault::cell, "read a perf event's count");
}

}  // namespace probebench
