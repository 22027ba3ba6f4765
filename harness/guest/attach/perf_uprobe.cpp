// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "attach/uprobe_attachment.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace probebench {
namespace {

constexpr const char* kPmu = "/sys/bus/event_source/devices/uprobe";

class PerfUprobe : public UprobeAttachment {
 public:
  explicit PerfUprobe(UniqueFd event) : event_(std::move(event)) {}

  // It always counts.
  Status start_counting() override { return Done{}; }
  void stop_counting() override {}

  // The event follows the process: it cannot tell CPUs apart.
  Result<HitCounts> hits() const override {
    std::uint64_t count = 0;
    if (::read(event_.get(), &count, sizeof count) != sizeof count) {
      return errno_error(Fault::cell, "read the perf event's count");
    }
    return HitCounts{{count}, 0};
  }

  std::string description() const override { return {}; }

 private:
  UniqueFd event_;
};

// "config:0" -> bit 0
Result<std::uint64_t> return_bit() {
  const auto format = read_file(std::string(kPmu) + "/format/retprobe");
  if (!format) return format.error();
  const auto colon = format->find(':');
  if (!format->starts_with("config:")) {
    return Error{Fault::cell, "the uprobe PMU's retprobe bit is in an unknown place: " + *format, 0, {}};
  }
  return std::uint64_t{1} << std::strtoul(format->c_str() + colon + 1, nullptr, 10);
}

}  // namespace

Result<UniqueFd> open_uprobe_event(const UserSiteLocation& location, bool on_return) {
  const auto type = read_file(std::string(kPmu) + "/type");
  if (!type) return type.error();
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = static_cast<std::uint32_t>(std::strtoul(type->c_str(), nullptr, 10));
  if (on_return) {
    const auto bit = return_bit();
    if (!bit) return bit.error();
    attributes.config = *bit;
  }
  attributes.uprobe_path = reinterpret_cast<std::uint64_t>(location.binary.c_str());
  attributes.probe_offset = location.offset;
  UniqueFd event(static_cast<int>(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1,
                                            static_cast<unsigned long>(PERF_FLAG_FD_CLOEXEC))));
  if (!event) {
    return errno_error(Fault::cell, fmt::format("perf_event_open of a uprobe at {}+{:#x}",
                                                location.binary.string(), location.offset));
  }
  return event;
}

Result<AttachedUprobe> attach_perf_uprobe(const Cell& cell, const UserSiteLocation& location) {
  if (cell.handler != Handler::nop && cell.handler != Handler::count) {
    return Error{Fault::unsupported, "a perf event that counts runs no handler of ours", 0,
                 "a handler that it has: nop, count"};
  }
  if (cell.threads > 1) {
    return Error{Fault::unsupported, "a perf event counts the hits of one thread", 0,
                 "--threads 1, or --probe-type uprobe,uretprobe"};
  }
  auto event = open_uprobe_event(location, info_of(cell.probe_type).mechanism == Mechanism::uretprobe);
  if (!event) return event.error();
  return AttachedUprobe(std::make_unique<PerfUprobe>(std::move(*event)));
}

}  // namespace probebench
