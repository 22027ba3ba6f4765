// SPDX-License-Identifier: MIT
#include "offer/bpf_offer.h"

#include <cerrno>
#include <filesystem>

#include "attach/bpf_attachment.h"
#include "attach/bpf_form.h"
#include "attach/bpf_program.h"
#include "call/test_run_driver.h"

namespace probebench {
namespace {

constexpr const char* kModuleBtf = "/sys/kernel/btf/probebench";
constexpr const char* kNoSuchFunction = "probebench_no_such_function";
constexpr const char* kHarmlessFunction = "bpf_fentry_test1";  // only BPF's own test runs call it

using Outcome = Result<Done>;

BpfProgramSpec spec_of(const BpfForm& form, const char* target = "") {
  return {std::string(form.kind), Handler::nop, form.attach_type, target};
}

Outcome try_load(ProbeType type) {
  const auto program = BpfProgram::load(spec_of(*find_bpf_form(type)));
  if (!program) return program.error();
  return Done{};
}

// A kernel event is opened only when a cell needs it; that there is a PMU for it says enough here.
Outcome try_kprobe() {
  if (auto loaded = try_load(ProbeType::bpf_kprobe); !loaded) return loaded;
  std::error_code absent;
  if (std::filesystem::exists("/sys/bus/event_source/devices/kprobe", absent)) return Done{};
  return Error{Fault::unsupported, "find the kprobe PMU in /sys/bus/event_source/devices", ENOENT, {}};
}

// A kernel that knows this kind of link looks the function up and does not find it; others do not get that
// far.
Outcome try_multi(ProbeType type) {
  const auto& form = *find_bpf_form(type);
  const auto program = BpfProgram::load(spec_of(form));
  if (!program) return program.error();
  const auto link = create_kprobe_multi_link(program->fd(), form, {0, kNoSuchFunction, {}, {}});
  if (link || link.error().err == ESRCH || link.error().err == ENOENT) return Done{};
  return link.error();
}

Outcome try_trampoline() {
  const auto& form = *find_bpf_form(ProbeType::fentry);
  const auto program = BpfProgram::load(spec_of(form, kHarmlessFunction));
  if (!program) return program.error();
  const auto attachment = BpfAttachment::attach(*program, form, {0, kHarmlessFunction, {}, {}});
  if (!attachment) return attachment.error();
  return Done{};
}

Outcome try_module_btf() {
  std::error_code absent;
  if (std::filesystem::exists(kModuleBtf, absent)) return Done{};
  return Error{Fault::unsupported, "find the module's BTF", 0, {}};
}

// The driver first: libbpf 1.1 leaks the kernel's BTF, several MB, when the target of a program is not in it.
Outcome try_fmod_ret() {
  const auto driver = TestRunDriver::load(SiteId::kernel_modifiable);
  if (!driver) return driver.error();
  const auto& form = *find_bpf_form(ProbeType::fmod_ret);
  const auto program = BpfProgram::load(spec_of(form, info_of(SiteId::kernel_modifiable).symbol.data()));
  if (!program) return program.error();
  return Done{};
}

Outcome try_trigger() {
  const auto driver = TestRunDriver::load(SiteId::kernel_trigger);
  if (!driver) return driver.error();
  return Done{};
}

Outcome try_test_run() {
  const auto driver = TestRunDriver::load(SiteId::kernel_helper);
  if (!driver) return driver.error();
  return Done{};
}

// A kernel that lacks a thing says EINVAL, EOPNOTSUPP or ESRCH, each in its own place: the table's sentence
// says it better. One that forbids it says EPERM.
void add(Offer& offer, Capability capability, const Outcome& outcome) {
  if (outcome) {
    offer.capabilities.push_back(capability);
    return;
  }
  const auto& refusal = outcome.error();
  const bool forbidden = refusal.err == EPERM || refusal.err == EACCES;
  offer.refusals[capability] = {Fault::unsupported,
                                forbidden ? refusal.what : std::string(info_of(capability).missing),
                                refusal.err,
                                {}};
}

}  // namespace

void add_bpf_offer(Offer& offer) {
  add(offer, Capability::bpf_kprobe, try_kprobe());
  add(offer, Capability::bpf_kprobe_multi, try_multi(ProbeType::bpf_kprobe_multi));
  add(offer, Capability::bpf_kprobe_session, try_multi(ProbeType::bpf_kprobe_session));
  add(offer, Capability::bpf_trampoline, try_trampoline());
  add(offer, Capability::bpf_fmod_ret, try_fmod_ret());
  add(offer, Capability::bpf_trigger, try_trigger());
  add(offer, Capability::bpf_test_run, try_test_run());
  add(offer, Capability::bpf_tracepoint, try_load(ProbeType::raw_tp));
  add(offer, Capability::module_btf, try_module_btf());
}

}  // namespace probebench
