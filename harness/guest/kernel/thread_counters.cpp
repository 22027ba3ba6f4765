// SPDX-License-Identifier: MIT
#include "kernel/thread_counters.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

#include "kernel/perf_event.h"

namespace probebench::kernel {
namespace {

// What a read of the group's leader gives (PERF_FORMAT_GROUP and both times).
struct GroupReading {
  std::uint64_t events = 0;
  std::uint64_t enabled_ns = 0;
  std::uint64_t running_ns = 0;
  std::array<std::uint64_t, 2> counts{};
};

Result<UniqueFd> open_event(std::uint32_t type, std::uint64_t config, int leader) {
  perf_event_attr attributes{};
  attributes.type = type;
  attributes.config = config;
  attributes.read_format =
      PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attributes.exclude_hv = 1;
  // An event that joins a group that runs already begins to count only when the group is scheduled again.
  attributes.disabled = leader < 0 ? 1 : 0;
  auto event =
      open_perf_event(attributes, Watch::this_thread, "count core cycles with perf_event_open", leader);
  if (!event) return Error{Fault::unsupported, event.error().what, event.error().err, {}};
  return event;
}

}  // namespace

Result<ThreadCounters> ThreadCounters::open(const CounterEvents& events) {
  auto cycles = open_event(events.type, events.cycles, -1);
  if (!cycles) return cycles.error();
  auto instructions = open_event(events.type, events.instructions, cycles->get());
  if (!instructions) return instructions.error();
  if (::ioctl(cycles->get(), PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP) != 0) {
    return errno_error(Fault::unsupported, "begin to count core cycles");
  }
  return ThreadCounters(std::move(*cycles), std::move(*instructions));
}

std::optional<ThreadCounters::Reading> ThreadCounters::read() const {
  GroupReading group;
  if (::read(cycles_.get(), &group, sizeof group) != sizeof group) return std::nullopt;
  if (group.running_ns == 0 || group.running_ns != group.enabled_ns) return std::nullopt;
  return Reading{group.counts[0], group.counts[1]};
}

void put_counts(const std::optional<ThreadCounters::Reading>& counted, Window& window) {
  if (!counted) return;
  window.cycles = counted->cycles;
  window.instructions = counted->instructions;
}

}  // namespace probebench::kernel
