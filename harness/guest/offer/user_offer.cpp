// SPDX-License-Identifier: MIT
#include "offer/user_offer.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "attach/bpf_program.h"
#include "attach/uprobe_attachment.h"
#include "kernel/thread_counters.h"

namespace probebench {

namespace {

Status try_uprobe_pmu(const std::filesystem::path& root) {
  std::error_code absent;
  if (std::filesystem::exists(root / "sys/bus/event_source/devices/uprobe", absent)) return Done{};
  return Error{Fault::unsupported, "find the uprobe PMU in /sys/bus/event_source/devices", ENOENT,
               std::string(info_of(Capability::uprobes).missing)};
}

Status try_bpf_uprobe(const std::filesystem::path& root) {
  if (auto status = try_uprobe_pmu(root); !status) return status;
  const auto program = BpfProgram::load({"kprobe", Handler::nop, 0, {}});
  if (!program) return program.error();
  return Done{};
}

Status try_counters() {
  const auto counters = ThreadCounters::open();
  if (!counters) return counters.error();
  return Done{};
}

Status try_uprobe_events(const std::filesystem::path& root) {
  std::error_code absent;
  const auto path = root / "sys/kernel/tracing/uprobe_events";
  if (std::filesystem::exists(path, absent)) return Done{};
  return Error{Fault::unsupported, "find " + path.string(), ENOENT, {}};
}

void add(Offer& offer, Capability capability, const Status& outcome) {
  if (outcome) {
    offer.capabilities.push_back(capability);
    return;
  }
  auto refusal = outcome.error();
  refusal.fault = Fault::unsupported;
  offer.refusals[capability] = std::move(refusal);
}

}  // namespace

void add_user_offer(Offer& offer, const std::filesystem::path& root) {
  add(offer, Capability::uprobes, try_uprobe_pmu(root));
  add(offer, Capability::bpf_uprobe, try_bpf_uprobe(root));
  add(offer, Capability::uprobe_multi, try_uprobe_multi());
  add(offer, Capability::uprobe_events, try_uprobe_events(root));
}

void add_counter_offer(Offer& offer) {
  add(offer, Capability::pmu, try_counters());
}

Error module_refusal() {
  ::syscall(SYS_finit_module, -1, "", 0);
  const int refusal = errno;
  const bool none_built = refusal == EBADF;
  return {Fault::unsupported, "load the helper module", none_built ? 0 : refusal,
          none_built ? "none is built for the running kernel" : "this kernel takes no modules"};
}

}  // namespace probebench
