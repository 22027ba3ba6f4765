// SPDX-License-Identifier: MIT
#include "kernel/event_counter.h"

#include <cstdlib>

#include "base/file.h"
#include "kernel/bpf_error.h"
#include "kernel/perf_event.h"

namespace probebench::kernel {
namespace {

constexpr const char* kEvents = "/sys/kernel/tracing/events";

Result<UniqueFd> open_inherited(perf_event_attr attributes, const std::string& what) {
  attributes.inherit = 1;
  auto event = open_perf_event(attributes, Watch::this_thread, "count " + what + " by a perf event");
  if (!event) return bpf_error(event.error().what, event.error().err);
  return event;
}

Result<UniqueFd> open_probe(const PerfProbe& probe) {
  const auto attributes = attributes_of(probe);
  if (!attributes) return attributes.error();
  return open_inherited(*attributes, probe.place);
}

}  // namespace

Result<EventCounter> EventCounter::of_event(const std::string& name) {
  const auto colon = name.find(':');
  const auto id = read_file(fs::path(kEvents) / name.substr(0, colon) / name.substr(colon + 1) / "id");
  if (!id) return Error{Fault::unsupported, "find the trace event " + name, id.error().err, {}};
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = std::strtoull(id->c_str(), nullptr, 10);
  auto event = open_inherited(attributes, name);
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

Result<EventCounter> EventCounter::of_function(const std::string& function, std::uint64_t offset) {
  auto event = open_probe({"kprobe", function, offset});
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

Result<EventCounter> EventCounter::of_file(const fs::path& file, std::uint64_t offset) {
  auto event = open_probe({"uprobe", file.string(), offset});
  if (!event) return event.error();
  return EventCounter(std::move(*event));
}

Result<std::uint64_t> EventCounter::read() const {
  return read_count(event_);
}

}  // namespace probebench::kernel
