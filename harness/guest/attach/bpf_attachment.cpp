// SPDX-License-Identifier: MIT
#include "attach/bpf_attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/syscall.h>

#include <array>
#include <string_view>

#include "kernel/bpf_error.h"
#include "kernel/perf_event.h"

namespace probebench {
namespace {

// Names of enum bpf_link_type by value; newer kinds have their number.
constexpr std::array<std::string_view, 10> kLinkKinds{
    "unspecified", "raw_tracepoint", "tracing",      "cgroup",    "iter", "netns",
    "xdp",         "perf_event",     "kprobe_multi", "struct_ops"};

std::string link_kind(std::uint32_t type) {
  return type < kLinkKinds.size() ? std::string(kLinkKinds[type]) : fmt::format("kind {}", type);
}

std::string name_of_target(const BpfTarget& target) {
  if (!target.event.empty()) return target.event_group + ":" + target.event;
  return target.function.empty() ? fmt::format("{:#x}", target.address) : target.function;
}

Result<bpf_link*> attach_perf_event(const BpfProgram& program, const BpfTarget& target, bool at_return) {
  auto event = open_kprobe_event(target, at_return);
  if (!event) return event.error();
  bpf_link* link = bpf_program__attach_perf_event(program.get(), event->get());
  if (link == nullptr) return bpf_error("attach to the kprobe event on " + name_of_target(target), errno);
  [[maybe_unused]] const int owned = event->release();  // the link closes it
  return link;
}

bpf_link* attach_with_libbpf(const BpfProgram& program, const BpfForm& form, const BpfTarget& target) {
  switch (form.attach) {
    case BpfAttach::trampoline:
      return bpf_program__attach_trace(program.get());
    case BpfAttach::tracepoint:
      return bpf_program__attach_tracepoint(program.get(), target.event_group.c_str(), target.event.c_str());
    case BpfAttach::raw_tracepoint:
      return bpf_program__attach_raw_tracepoint(program.get(), target.event.c_str());
    default:
      return nullptr;
  }
}

Result<bpf_link*> attach_link(const BpfProgram& program, const BpfForm& form, const BpfTarget& target) {
  if (form.attach == BpfAttach::kprobe || form.attach == BpfAttach::kretprobe) {
    return attach_perf_event(program, target, form.at_return);
  }
  bpf_link* link = attach_with_libbpf(program, form, target);
  if (link == nullptr) {
    return bpf_error(fmt::format("attach {} to {}", info_of(form.id).name, name_of_target(target)), errno);
  }
  return link;
}

}  // namespace

Result<UniqueFd> open_kprobe_event(const BpfTarget& target, bool at_return) {
  const PerfProbe probe{"kprobe", target.address == 0 ? target.function : "", target.address, at_return};
  const auto attributes = attributes_of(probe);
  if (!attributes) return attributes.error();
  auto event =
      open_perf_event(*attributes, Watch::first_cpu, "open a kprobe event on " + name_of_target(target));
  if (!event) return bpf_error(event.error().what, event.error().err);
  return event;
}

// libbpf 1.1 has no sessions: the part of union bpf_attr that both kinds of link share.
Result<UniqueFd> create_kprobe_multi_link(int program, const BpfForm& form, const BpfTarget& target) {
  const std::uint64_t address = target.address;
  const char* const name = target.function.c_str();
  bpf_attr attr{};
  attr.link_create.prog_fd = static_cast<std::uint32_t>(program);
  attr.link_create.attach_type = form.attach_type;
  attr.link_create.kprobe_multi.flags = form.at_return ? BPF_F_KPROBE_MULTI_RETURN : 0;
  attr.link_create.kprobe_multi.cnt = 1;
  if (address != 0) {
    attr.link_create.kprobe_multi.addrs = reinterpret_cast<std::uint64_t>(&address);
  } else {
    attr.link_create.kprobe_multi.syms = reinterpret_cast<std::uint64_t>(&name);
  }
  UniqueFd link(static_cast<int>(::syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof attr)));
  if (!link) return bpf_error("create a kprobe-multi link on " + name_of_target(target), errno);
  return link;
}

void BpfAttachment::Deleter::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}

Result<BpfAttachment> BpfAttachment::attach(const BpfProgram& program, const BpfForm& form,
                                            const BpfTarget& target) {
  if (form.attach == BpfAttach::kprobe_multi) {
    auto link = create_kprobe_multi_link(program.fd(), form, target);
    if (!link) return link.error();
    return BpfAttachment(std::move(*link));
  }
  const auto link = attach_link(program, form, target);
  if (!link) return link.error();
  return BpfAttachment(*link);
}

int BpfAttachment::link_fd() const {
  return link_ ? bpf_link__fd(link_.get()) : raw_.get();
}

std::string BpfAttachment::description() const {
  bpf_link_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(link_fd(), &info, &size) != 0) return "no link";
  return fmt::format("link {} {}", info.id, link_kind(info.type));
}

}  // namespace probebench
