// SPDX-License-Identifier: MIT
#include "attach/bpf_link.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "kernel/bpf_text.h"
#include "kernel/perf_event.h"

namespace probebench::attach {
namespace {

// Names of enum bpf_link_type by value; newer kinds have their number.
constexpr std::array<std::string_view, 10> kLinkKinds{
    "unspecified", "raw_tracepoint", "tracing",      "cgroup",    "iter", "netns",
    "xdp",         "perf_event",     "kprobe_multi", "struct_ops"};

std::string link_kind(std::uint32_t type) {
  return type < kLinkKinds.size() ? std::string(kLinkKinds[type]) : fmt::format("kind {}", type);
}

// The part of union bpf_attr that BPF_LINK_CREATE reads for a uprobe-multi link; newer than libbpf 1.1.
struct UprobeMultiAttr {
  std::uint32_t prog_fd = 0;
  std::uint32_t target_fd = 0;
  std::uint32_t attach_type = 0;
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

Result<UniqueFd> open_probe(const BpfForm& form, const BpfAttachPoint& point) {
  const auto& at = point.location;
  const bool user = form.attach == BpfAttach::uprobe;
  const kernel::PerfProbe probe =
      user ? kernel::PerfProbe{"uprobe", at.binary.string(), at.offset, form.at_return}
           : kernel::PerfProbe{"kprobe", at.address == 0 ? point.function : "", at.address, form.at_return};
  const auto attributes = TRY(kernel::attributes_of(probe));
  return kernel::open_perf_event(attributes, user ? kernel::Watch::this_thread : kernel::Watch::first_cpu,
                                 fmt::format("open a {} event on {}", probe.pmu, point.name()));
}

// A kernel probes only instructions that its uprobes know; which, no version number tells.
Error attach_error(std::string what, int err, const BpfAttachPoint& point) {
  auto error = kernel::bpf_error(std::move(what), err);
  if (error.err == EOPNOTSUPP && point.location.in_file())
    error.hint = "a kernel whose uprobes take the instruction at the site";
  return error;
}

Result<bpf_link*> link_to_event(const BpfProgram& program, const BpfForm& form, const BpfAttachPoint& point) {
  auto event = open_probe(form, point);
  if (!event) return attach_error(event.error().what, event.error().err, point);
  bpf_link* link = bpf_program__attach_perf_event(program.get(), event->get());
  if (link == nullptr) return kernel::bpf_error("attach to the perf event on " + point.name(), errno);
  [[maybe_unused]] const int owned = event->release();  // the link closes it
  return link;
}

bpf_link* link_by_libbpf(const BpfProgram& program, const BpfForm& form, const BpfAttachPoint& point) {
  switch (form.attach) {
    case BpfAttach::trampoline:
      return bpf_program__attach_trace(program.get());
    case BpfAttach::tracepoint:
      return bpf_program__attach_tracepoint(program.get(), point.event_group.c_str(), point.event.c_str());
    case BpfAttach::raw_tracepoint:
      return bpf_program__attach_raw_tracepoint(program.get(), point.event.c_str());
    case BpfAttach::usdt:  // found by the note in our own program
      return bpf_program__attach_usdt(program.get(), ::getpid(), point.location.binary.c_str(),
                                      point.event_group.c_str(), point.event.c_str(), nullptr);
    default:
      return nullptr;
  }
}

template <typename Attributes>
UniqueFd create_link(Attributes& attributes) {
  return UniqueFd(static_cast<int>(::syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof attributes)));
}

// libbpf 1.1 has no sessions: the part of union bpf_attr that both kinds of link share.
bpf_attr kprobe_multi_to(int program, const BpfForm& form) {
  bpf_attr attr{};
  attr.link_create.prog_fd = static_cast<std::uint32_t>(program);
  attr.link_create.attach_type = form.attach_type;
  attr.link_create.kprobe_multi.flags = form.at_return ? BPF_F_KPROBE_MULTI_RETURN : 0;
  return attr;
}

UniqueFd create_kprobe_multi(int program, const BpfForm& form, std::span<const std::uint64_t> addresses) {
  auto attr = kprobe_multi_to(program, form);
  attr.link_create.kprobe_multi.cnt = static_cast<std::uint32_t>(addresses.size());
  attr.link_create.kprobe_multi.addrs = reinterpret_cast<std::uint64_t>(addresses.data());
  return create_link(attr);
}

UniqueFd create_kprobe_multi(int program, const BpfForm& form, const BpfAttachPoint& point) {
  if (point.location.address != 0) return create_kprobe_multi(program, form, {&point.location.address, 1});
  const char* const name = point.function.c_str();
  auto attr = kprobe_multi_to(program, form);
  attr.link_create.kprobe_multi.cnt = 1;
  attr.link_create.kprobe_multi.syms = reinterpret_cast<std::uint64_t>(&name);
  return create_link(attr);
}

UniqueFd create_uprobe_multi(int program, const BpfForm& form, const BpfAttachPoint& point) {
  UprobeMultiAttr attributes;
  attributes.prog_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = form.attach_type;
  attributes.path = reinterpret_cast<std::uint64_t>(point.location.binary.c_str());
  attributes.offsets = reinterpret_cast<std::uint64_t>(&point.location.offset);
  attributes.pid = static_cast<std::uint32_t>(::getpid());
  return create_link(attributes);
}

}  // namespace

void BpfLink::Deleter::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}

Result<BpfLink> BpfLink::to_functions(const BpfProgram& program, const BpfForm& form,
                                      std::span<const std::uint64_t> addresses) {
  auto link = create_kprobe_multi(program.fd(), form, addresses);
  if (link) return BpfLink(std::move(link));
  return kernel::bpf_error(fmt::format("attach {} to {} functions", info_of(form.id).name, addresses.size()),
                           errno);
}

Result<BpfLink> BpfLink::make(const BpfProgram& program, const BpfForm& form, const BpfAttachPoint& point) {
  const auto what = fmt::format("attach {} to {}", info_of(form.id).name, point.name());
  if (form.attach == BpfAttach::kprobe_multi || form.attach == BpfAttach::uprobe_multi) {
    auto link = form.attach == BpfAttach::kprobe_multi ? create_kprobe_multi(program.fd(), form, point)
                                                       : create_uprobe_multi(program.fd(), form, point);
    if (!link) return kernel::bpf_error(what, errno);
    return BpfLink(std::move(link));
  }
  if (form.attach == BpfAttach::kprobe || form.attach == BpfAttach::uprobe) {
    const auto link = TRY(link_to_event(program, form, point));
    return BpfLink(link);
  }
  bpf_link* link = link_by_libbpf(program, form, point);
  if (link == nullptr) return attach_error(what, errno, point);
  return BpfLink(link);
}

std::string BpfLink::description() const {
  bpf_link_info info{};
  std::uint32_t size = sizeof info;
  const int fd = link_ ? bpf_link__fd(link_.get()) : raw_.get();
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return "no link";
  return fmt::format("link {} {}", info.id, link_kind(info.type));
}

}  // namespace probebench::attach
