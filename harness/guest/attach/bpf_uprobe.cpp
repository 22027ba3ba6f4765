// SPDX-License-Identifier: MIT
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach/bpf_program.h"
#include "attach/uprobe_attachment.h"
#include "kernel/bpf_error.h"

namespace probebench {
namespace {

// Newer than the headers of Debian 12 (Linux 6.6).
constexpr std::uint32_t kTraceUprobeMulti = 48;

// The part of union bpf_attr that BPF_LINK_CREATE reads for a uprobe-multi link.
struct UprobeMultiAttr {
  std::uint32_t prog_fd = 0;
  std::uint32_t target_fd = 0;
  std::uint32_t attach_type = kTraceUprobeMulti;
  std::uint32_t link_flags = 0;
  std::uint64_t path = 0;
  std::uint64_t offsets = 0;
  std::uint64_t ref_ctr_offsets = 0;
  std::uint64_t cookies = 0;
  std::uint32_t cnt = 1;
  std::uint32_t flags = 0;
  std::uint32_t pid = 0;
  std::uint32_t reserved = 0;
};

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

// Declared so that the probe is detached before the program goes.
struct Attached {
  BpfProgram program;
  std::unique_ptr<bpf_link, LinkDeleter> link;
  UniqueFd multi;  // a link that libbpf 1.1 does not know
};

class BpfUprobe : public UprobeAttachment {
 public:
  BpfUprobe(Handler handler, Attached attached)
      : counts_itself_(handler == Handler::count), attached_(std::move(attached)) {}

  // The counting handler needs no help of the kernel.
  Status start_counting() override {
    if (counts_itself_) return Done{};
    auto statistics = enable_bpf_run_statistics();
    if (!statistics) return statistics.error();
    statistics_ = std::move(*statistics);
    return Done{};
  }
  void stop_counting() override { statistics_.reset(); }

  Result<HitCounts> hits() const override {
    const auto runs = attached_.program.runs();
    if (!runs) return runs.error();
    if (!counts_itself_) return HitCounts{{runs->runs}, runs->missed};
    auto by_cpu = attached_.program.hits();
    if (!by_cpu) return by_cpu.error();
    return HitCounts{std::move(*by_cpu), runs->missed};
  }

  std::string description() const override { return attached_.program.description(); }

 private:
  bool counts_itself_;
  Attached attached_;
  UniqueFd statistics_;
};

Result<UniqueFd> create_multi_link(const BpfProgram& program, const std::string& path, std::uint64_t offset) {
  UprobeMultiAttr attributes;
  attributes.prog_fd = static_cast<std::uint32_t>(program.fd());
  attributes.path = reinterpret_cast<std::uint64_t>(path.c_str());
  attributes.offsets = reinterpret_cast<std::uint64_t>(&offset);
  attributes.pid = static_cast<std::uint32_t>(::getpid());
  UniqueFd link(static_cast<int>(::syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof attributes)));
  if (!link) return bpf_error(fmt::format("create a uprobe-multi link at {}+{:#x}", path, offset), errno);
  return link;
}

Status link_to_event(Attached& attached, const UserSiteLocation& location, bool on_return) {
  auto event = open_uprobe_event(location, on_return);
  if (!event) return event.error();
  attached.link.reset(bpf_program__attach_perf_event(attached.program.get(), event->get()));
  if (!attached.link) return bpf_error("attach a BPF program to a uprobe event", errno);
  [[maybe_unused]] const int owned = event->release();  // the link closes it
  return Done{};
}

// libbpf finds the marker by the note in our own program.
Status link_marker(Attached& attached, const UserSiteLocation& location) {
  attached.link.reset(bpf_program__attach_usdt(attached.program.get(), ::getpid(), location.binary.c_str(),
                                               "probebench", "marker", nullptr));
  if (!attached.link) return bpf_error("attach a BPF program to the USDT marker probebench:marker", errno);
  return Done{};
}

Status link_multi(Attached& attached, const UserSiteLocation& location) {
  auto link = create_multi_link(attached.program, location.binary.string(), location.offset);
  if (!link) return link.error();
  attached.multi = std::move(*link);
  return Done{};
}

}  // namespace

Result<AttachedUprobe> attach_bpf_uprobe(const Cell& cell, const UserSiteLocation& location) {
  const bool multi = cell.probe_type == ProbeType::uprobe_multi;
  const bool marker = cell.probe_type == ProbeType::usdt;
  auto program = BpfProgram::load({.kind = marker ? "usdt" : "kprobe",
                                   .handler = cell.handler,
                                   .attach_type = multi ? kTraceUprobeMulti : 0,
                                   .target = {},
                                   .delay_ns = cell.delay_ns});
  if (!program) return program.error();
  Attached attached{std::move(*program), {}, UniqueFd()};
  const bool on_return = info_of(cell.probe_type).mechanism == Mechanism::uretprobe;
  const auto linked = multi    ? link_multi(attached, location)
                      : marker ? link_marker(attached, location)
                               : link_to_event(attached, location, on_return);
  if (!linked) return linked.error();
  return AttachedUprobe(std::make_unique<BpfUprobe>(cell.handler, std::move(attached)));
}

// A kernel that knows the link looks for the file and does not find it; others do not get that far.
Status try_uprobe_multi() {
  const auto program = BpfProgram::load({"kprobe", Handler::nop, kTraceUprobeMulti, {}});
  if (!program) return program.error();
  const auto link = create_multi_link(*program, "/nowhere/probebench", 0);
  if (link || link.error().err == ENOENT || link.error().err == EBADF) return Done{};
  return link.error();
}

}  // namespace probebench
