// SPDX-License-Identifier: MIT
#include "kernel/event_counter.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.h"
#include "kernel/bpf_error.h"

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

// Both PMUs take a name and an offset in the same places.
Result<UniqueFd> open_probe(const std::string& pmu, const std::string& place, std::uint64_t offset) {
  const auto type = number_in(fs::path(kPmus) / pmu / "type", "the " + pmu + " PMU");
  if (!type) return type.error();
  perf_event_attr attributes{};
  attributes.type = static_cast<std::uint32_t>(*type);
  attributes.config1 = reinterpret_cast<std::uintptr_t>(place.c_str());  // kprobe_func, uprobe_path
  attributes.probe_offset = offset;
  return open_event(attributes, place);
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
  auto event = open_probe("kprobe", function, offset);
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

Result<EventCounter> EventCounter::of_file(const fs::path& file, std::uint64_t offset) {
  auto event = open_probe("uprobe", file.string(), offset);
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

Result<std::uint64_t> EventCounter::read() const {
  std::uint64_t count = 0;
  if (::read(event_.get(), &count, sizeof count) == sizeof count) return count;
  return errno_error(Fault::cell, "read a perf event's count");
}

}  // namespace probebench
