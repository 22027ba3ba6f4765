// SPDX-License-Identifier: MIT
#include "kernel/perf_event.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "base/file.h"
#include "kernel/bpf_text.h"

namespace probebench::kernel {
namespace {

fs::path pmu_file(std::string_view pmu, std::string_view name) {
  return fs::path("/sys/bus/event_source/devices") / pmu / name;
}

// format/retprobe: "config:0" is bit 0.
Result<std::uint64_t> return_bit(const std::string& pmu) {
  constexpr std::string_view kField = "config:";
  const auto format = read_file(pmu_file(pmu, "format/retprobe"));
  if (!format) return format.error();
  if (format->starts_with(kField)) {
    return std::uint64_t{1} << std::strtoul(format->c_str() + kField.size(), nullptr, 10);
  }
  return Error{Fault::cell, fmt::format("find the {} PMU's retprobe bit in '{}'", pmu, *format), 0, {}};
}

constexpr const char* kEvents = "/sys/kernel/tracing/events";

perf_event_attr inherited_event(std::uint64_t id) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = id;
  attributes.inherit = 1;
  return attributes;
}

std::vector<pid_t> threads_of(pid_t process) {
  std::vector<pid_t> threads;
  std::error_code gone;
  for (const auto& thread : fs::directory_iterator(fmt::format("/proc/{}/task", process), gone)) {
    threads.push_back(static_cast<pid_t>(std::strtol(thread.path().filename().c_str(), nullptr, 10)));
  }
  return threads;
}

UniqueFd open_event_of(perf_event_attr attributes, pid_t process, int cpu, int leader) {
  attributes.size = sizeof attributes;
  return UniqueFd(static_cast<int>(::syscall(SYS_perf_event_open, &attributes, process, cpu, leader,
                                             static_cast<unsigned long>(PERF_FLAG_FD_CLOEXEC))));
}

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

bool has_pmu(std::string_view name) {
  std::error_code unreadable;
  return fs::exists(pmu_file(name, "type"), unreadable);
}

// Both PMUs take a name and an offset in the same places: kprobe_func and uprobe_path, kprobe_addr and
// probe_offset.
Result<perf_event_attr> attributes_of(const PerfProbe& probe) {
  const auto type = read_file(pmu_file(probe.pmu, "type"));
  if (!type) {
    return Error{Fault::unsupported, fmt::format("find the {} PMU", probe.pmu), type.error().err, {}};
  }
  perf_event_attr attributes{};
  attributes.type = static_cast<std::uint32_t>(std::strtoul(type->c_str(), nullptr, 10));
  if (!probe.place.empty()) attributes.kprobe_func = reinterpret_cast<std::uintptr_t>(probe.place.c_str());
  attributes.probe_offset = probe.offset;
  if (!probe.at_return) return attributes;
  attributes.config = TRY(return_bit(probe.pmu));
  return attributes;
}

Result<UniqueFd> open_perf_event(perf_event_attr attributes, Watch watch, const std::string& what,
                                 int leader) {
  const bool thread = watch == Watch::this_thread;
  auto event = open_event_of(attributes, thread ? 0 : -1, thread ? -1 : 0, leader);
  if (!event) return errno_error(Fault::cell, what);
  return event;
}

Result<std::uint64_t> read_count(const UniqueFd& event) {
  std::uint64_t count = 0;
  if (::read(event.get(), &count, sizeof count) == sizeof count) return count;
  return errno_error(Fault::cell, "read a perf event's count");
}

Result<EventCounter> EventCounter::of_event(std::string name) {
  const auto colon = name.find(':');
  const auto id = read_file(fs::path(kEvents) / name.substr(0, colon) / name.substr(colon + 1) / "id");
  if (!id) return Error{Fault::unsupported, "find the trace event " + name, id.error().err, {}};
  EventCounter counter(std::move(name), std::strtoull(id->c_str(), nullptr, 10));
  TRY(counter.hold());
  return counter;
}

Status EventCounter::hold() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = id_;
  attributes.disabled = 1;  // it is there, and counts nothing
  held_ = open_event_of(attributes, -1, ::sched_getcpu(), -1);
  if (held_) return Done{};
  return bpf_error("hold " + name_ + " in all processes", errno);
}

Status EventCounter::start(pid_t process) {
  auto attributes = inherited_event(id_);
  attributes.disabled = 1;
  attributes.enable_on_exec = 1;
  events_.clear();
  events_.push_back(open_event_of(attributes, process, -1, -1));
  if (events_.back()) return Done{};
  return bpf_error("count " + name_ + " by a perf event", errno);
}

// A thread that another starts while they are listed is counted by inheritance, or not at all: never twice.
Status EventCounter::watch(pid_t process) {
  events_.clear();
  for (const auto thread : threads_of(process)) {
    auto event = open_event_of(inherited_event(id_), thread, -1, -1);
    if (event)
      events_.push_back(std::move(event));
    else if (errno != ESRCH)
      return bpf_error("count " + name_ + " by a perf event", errno);
  }
  if (!events_.empty()) return Done{};
  return Error{Fault::cell, fmt::format("watch process {}: it has ended", process), 0, {}};
}

Result<std::uint64_t> EventCounter::read() const {
  std::uint64_t sum = 0;
  for (const auto& event : events_) sum += TRY(read_count(event));
  return sum;
}

Result<ThreadCounters> ThreadCounters::open(const CounterEvents& events) {
  auto cycles = TRY(open_event(events.type, events.cycles, -1));
  auto instructions = TRY(open_event(events.type, events.instructions, cycles.get()));
  if (::ioctl(cycles.get(), PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP) != 0) {
    return errno_error(Fault::unsupported, "begin to count core cycles");
  }
  return ThreadCounters(std::move(cycles), std::move(instructions));
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
