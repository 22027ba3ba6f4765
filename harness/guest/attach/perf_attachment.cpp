// SPDX-License-Identifier: MIT
#include "attach/perf_attachment.h"

#include <fmt/format.h>
#include <linux/hw_breakpoint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "kernel/arch.h"
#include "kernel/perf_event.h"

namespace probebench::attach {

// The ring buffer of a sampling event, empty at first. Nobody reads the records; there is room for all.
class SampleRing {
 public:
  static Result<std::unique_ptr<SampleRing>> map(int event) {
    // Room for every record of the longest window: a page for the header and a power of two.
    constexpr std::size_t kPages = 128;
    const std::size_t size = (kPages + 1) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
    if (at == MAP_FAILED) return errno_error(Fault::cell, "map the perf event's ring buffer");
    return std::unique_ptr<SampleRing>(new SampleRing(static_cast<perf_event_mmap_page*>(at), size));
  }
  SampleRing(const SampleRing&) = delete;
  SampleRing& operator=(const SampleRing&) = delete;
  ~SampleRing() { ::munmap(header_, size_); }

  // How far the kernel has written.
  std::uint64_t head() const { return std::atomic_ref(header_->data_head).load(std::memory_order_acquire); }

 private:
  SampleRing(perf_event_mmap_page* header, std::size_t size) : header_(header), size_(size) {}
  perf_event_mmap_page* header_;
  std::size_t size_;
};

namespace {

// What a sample holds, and its size with the header.
constexpr std::uint64_t kSampleType = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
constexpr std::uint64_t kSampleBytes = sizeof(perf_event_header) + 3 * sizeof(std::uint64_t);

perf_event_attr breakpoint_attributes(std::uint64_t address) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_BREAKPOINT;
  attributes.bp_type = HW_BREAKPOINT_X;
  attributes.bp_addr = address;
  attributes.bp_len = kernel::kBreakpointLength;
  return attributes;
}

kernel::PerfProbe probe_of(const Cell& cell, const SiteLocation& location) {
  const auto mechanism = info_of(cell.probe_type).mechanism;
  if (location.in_file()) {
    return {"uprobe", location.binary.string(), location.offset, mechanism == Mechanism::uretprobe};
  }
  return {"kprobe", {}, location.address, mechanism == Mechanism::kretprobe};
}

// arm64 takes no breakpoint in the kernel that follows a thread (hw_breakpoint_arch_parse()).
kernel::Watch watch_of(ProbeType type) {
  const bool of_cpu = type == ProbeType::perf_breakpoint && kOwnArch == ArchId::arm64;
  return of_cpu ? kernel::Watch::first_cpu : kernel::Watch::this_thread;
}

// Nobody is to be woken up for a sample.
void make_sampling(perf_event_attr& attributes) {
  attributes.sample_period = 1;
  attributes.sample_type = kSampleType;
  attributes.watermark = 1;
  attributes.wakeup_watermark = UINT32_MAX;
}

}  // namespace

PerfAttachment::PerfAttachment(const Cell& cell, const SiteLocation& location)
    : cell_(cell), location_(location) {}

PerfAttachment::~PerfAttachment() = default;

Status PerfAttachment::attach() {
  const auto probe = probe_of(cell_, location_);
  auto attributes = TRY(cell_.probe_type == ProbeType::perf_breakpoint
                            ? Result<perf_event_attr>(breakpoint_attributes(location_.address))
                            : kernel::attributes_of(probe));
  if (cell_.handler == Handler::record) make_sampling(attributes);
  event_ = TRY(kernel::open_perf_event(
      attributes, watch_of(cell_.probe_type),
      fmt::format("perf_event_open of a {} event at {}{}{:#x}", info_of(cell_.probe_type).name, probe.place,
                  probe.place.empty() ? "" : "+", probe.offset)));
  return Done{};
}

Status PerfAttachment::remove() {
  ring_.reset();
  event_.reset();
  return Done{};
}

// Every window begins at the beginning of a ring, so that the same pages are turned.
Status PerfAttachment::begin(Handler) {
  count_ = TRY(kernel::read_count(event_));
  if (cell_.handler != Handler::record) return Done{};
  ring_.reset();
  ring_ = TRY(SampleRing::map(event_.get()));
  return Done{};
}

// Reading the count is a system call: only where the loop is in the kernel nothing that is timed can notice.
bool PerfAttachment::counts(Handler handler) const {
  return !location_.in_file() || handler == Handler::count;
}

// The event follows the thread: it cannot tell CPUs apart. A hit that has no sample was lost.
Result<HitCounts> PerfAttachment::tally() {
  const auto count = TRY(kernel::read_count(event_));
  HitCounts tally{{count - count_}, 0};
  if (!ring_) return tally;
  const std::uint64_t samples = ring_->head() / kSampleBytes;
  tally.missed = samples > tally.runs[0] ? samples - tally.runs[0] : tally.runs[0] - samples;
  return tally;
}

// Of a process's probe its bytes say enough.
std::string PerfAttachment::description() const {
  if (location_.in_file()) return {};
  return fmt::format("{} event at {:#x}", info_of(cell_.probe_type).name, location_.address);
}

}  // namespace probebench::attach
