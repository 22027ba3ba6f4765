// SPDX-License-Identifier: MIT
#include "attach/perf_attachment.h"

#include <fmt/format.h>
#include <linux/hw_breakpoint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <optional>

#include "kernel/perf_event.h"

namespace probebench {
namespace {

// Room for every record of the longest window: a page for the header and a power of two.
constexpr std::size_t kRingPages = 128;

// The ring buffer of a sampling event, empty at first. Nobody reads the records; there is room for all.
class SampleRing {
 public:
  static Result<SampleRing> map(int event) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t size = (kRingPages + 1) * page;
    void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
    if (at == MAP_FAILED) return errno_error(Fault::cell, "map the perf event's ring buffer");
    return SampleRing(static_cast<perf_event_mmap_page*>(at), size);
  }
  SampleRing(SampleRing&& other) noexcept
      : header_(std::exchange(other.header_, nullptr)), size_(other.size_) {}
  SampleRing& operator=(SampleRing&&) = delete;
  SampleRing(const SampleRing&) = delete;
  SampleRing& operator=(const SampleRing&) = delete;
  ~SampleRing() {
    if (header_ != nullptr) ::munmap(header_, size_);
  }

  // How far the kernel has written.
  std::uint64_t head() const { return std::atomic_ref(header_->data_head).load(std::memory_order_acquire); }

 private:
  SampleRing(perf_event_mmap_page* header, std::size_t size) : header_(header), size_(size) {}
  perf_event_mmap_page* header_;
  std::size_t size_;
};

// What a sample holds, and its size with the header.
constexpr std::uint64_t kSampleType = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
constexpr std::uint64_t kSampleBytes = sizeof(perf_event_header) + 3 * sizeof(std::uint64_t);

class PerfAttachment : public EventAttachment {
 public:
  PerfAttachment(UniqueFd event, bool samples, std::string description)
      : event_(std::move(event)), samples_(samples), description_(std::move(description)) {}

  Status begin(Handler) override {
    const auto count = read_count(event_);
    if (!count) return count.error();
    count_ = *count;
    return samples_ ? renew_ring() : Status(Done{});
  }

  // The event follows the thread: it cannot tell CPUs apart. A hit that has no sample was lost.
  Result<HitCounts> tally() const override {
    const auto count = read_count(event_);
    if (!count) return count.error();
    HitCounts tally{{*count - count_}, 0};
    if (!ring_) return tally;
    const std::uint64_t samples = ring_->head() / kSampleBytes;
    tally.missed = samples > tally.runs[0] ? samples - tally.runs[0] : tally.runs[0] - samples;
    return tally;
  }

  std::string description() const override { return description_; }

  Status remove() override {
    ring_.reset();
    event_.reset();
    return Done{};
  }

 private:
  // Every window begins at the beginning of a ring, so that the same pages are turned.
  Status renew_ring() {
    ring_.reset();
    auto ring = SampleRing::map(event_.get());
    if (!ring) return ring.error();
    ring_.emplace(std::move(*ring));
    return Done{};
  }

  UniqueFd event_;
  bool samples_;
  std::optional<SampleRing> ring_;
  std::string description_;
  std::uint64_t count_ = 0;  // when the window began
};

perf_event_attr breakpoint_attributes(std::uint64_t address) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_BREAKPOINT;
  attributes.bp_type = HW_BREAKPOINT_X;
  attributes.bp_addr = address;
  attributes.bp_len = sizeof(long);  // what x86 wants of an execution breakpoint
  return attributes;
}

Result<perf_event_attr> attributes_for(const Cell& cell, std::uint64_t address) {
  if (cell.probe_type == ProbeType::perf_breakpoint) return breakpoint_attributes(address);
  return attributes_of({"kprobe", {}, address, cell.probe_type == ProbeType::perf_kretprobe});
}

// Nobody is to be woken up for a sample.
void make_sampling(perf_event_attr& attributes) {
  attributes.sample_period = 1;
  attributes.sample_type = kSampleType;
  attributes.watermark = 1;
  attributes.wakeup_watermark = UINT32_MAX;
}

}  // namespace

Result<AttachedEvent> attach_perf_event(const Cell& cell, std::uint64_t address) {
  auto attributes = attributes_for(cell, address);
  if (!attributes) return attributes.error();
  const bool samples = cell.handler == Handler::record;
  if (samples) make_sampling(*attributes);
  const auto description = fmt::format("{} event at {:#x}", info_of(cell.probe_type).name, address);
  auto event = open_perf_event(*attributes, Watch::this_thread, "perf_event_open of a " + description);
  if (!event) return event.error();
  return AttachedEvent(std::make_unique<PerfAttachment>(std::move(*event), samples, description));
}

}  // namespace probebench
