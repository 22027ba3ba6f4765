// SPDX-License-Identifier: MIT
#include "kernel/perf_event.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.h"

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
  const auto bit = return_bit(probe.pmu);
  if (!bit) return bit.error();
  attributes.config = *bit;
  return attributes;
}

Result<UniqueFd> open_perf_event(perf_event_attr attributes, Watch watch, const std::string& what,
                                 int leader) {
  attributes.size = sizeof attributes;
  const bool thread = watch == Watch::this_thread;
  UniqueFd event(
      static_cast<int>(::syscall(SYS_perf_event_open, &attributes, thread ? 0 : -1, thread ? -1 : 0, leader,
                                 static_cast<unsigned long>(PERF_FLAG_FD_CLOEXEC))));
  if (!event) return errno_error(Fault::cell, what);
  return event;
}

Result<std::uint64_t> read_count(const UniqueFd& event) {
  std::uint64_t count = 0;
  if (::read(event.get(), &count, sizeof count) == sizeof count) return count;
  return errno_error(Fault::cell, "read a perf event's count");
}

}  // namespace probebench::kernel
