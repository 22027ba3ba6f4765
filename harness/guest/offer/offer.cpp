// SPDX-License-Identifier: MIT
#include "offer/offer.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "attach/bpf_link.h"
#include "attach/bpf_program.h"
#include "base/file.h"
#include "call/test_run_driver.h"
#include "kernel/module_refusal.h"
#include "kernel/perf_event.h"
#include "pb_abi.h"

namespace probebench::offer {
namespace {

constexpr std::size_t kLongerThanAnySymbol = 1024;             // KSYM_NAME_LEN is 512, 128 before Linux 6.1
constexpr const char* kHarmlessFunction = "bpf_fentry_test1";  // only BPF's own test runs call it
constexpr std::uint32_t kModuleLoaded = 1U << 31;              // no feature of the module: that it is there

// The kernel lists it: a file exists, and holds the text.
Status look_for(const char* path, std::string_view text = {}) {
  const auto content = read_file(path);
  if (content && content->find(text) != std::string::npos) return Done{};
  return Error{Fault::unsupported, std::string("find ") + path, 0, {}};
}

// Of the running kernel's tracefs.
Status look_traced(const std::string& file, std::string_view text = {}) {
  return look_in_tracefs("/sys/kernel/tracing", file, text);
}

Status look_for_pmu(const char* name) {
  if (kernel::has_pmu(name)) return Done{};
  return Error{Fault::unsupported,
               std::string("find the ") + name + " PMU in /sys/bus/event_source/devices",
               ENOENT,
               {}};
}

// Asked with a descriptor that is none: ENOSYS where modules are compiled out, EPERM where they are
// forbidden, EBADF where only the module is missing.
Status try_module() {
  ::syscall(SYS_finit_module, -1, "", 0);
  if (errno != EBADF) return kernel::module_refusal(errno, ::geteuid());
  return Error{Fault::unsupported, "load the helper module: none was built for this kernel", 0, {}};
}

// Whether loops in user space can read it.
Status try_counters() {
  const auto counters = kernel::ThreadCounters::open();
  return counters ? Status(Done{}) : counters.error();
}

Status try_uprobes() {
  auto status = look_for_pmu("uprobe");
  if (status) return status;
  auto refusal = status.take_error();
  refusal.hint = info_of(Capability::uprobes).missing;
  return refusal;
}

Result<attach::BpfProgram> load(ProbeType type, const char* target = "") {
  const auto& form = *attach::find_bpf_form(type);
  return attach::BpfProgram::load({std::string(form.kind), Handler::nop, form.attach_type, target});
}

template <ProbeType type>
Status try_load() {
  const auto program = load(type);
  return program ? Status(Done{}) : program.error();
}

// A kernel event is opened only when a cell needs it; that there is a PMU for it says enough here.
Status try_bpf_kprobe() {
  auto status = try_load<ProbeType::bpf_kprobe>();
  return status ? look_for_pmu("kprobe") : status;
}

Status try_bpf_uprobe() {
  auto status = try_uprobes();
  return status ? try_load<ProbeType::uprobe>() : status;
}

// A kernel that knows this kind of link reads the function's name and finds it too long (a name that it had
// to look for would cost a walk through all symbols), or looks for the file and does not find it; others do
// not get that far.
template <ProbeType type>
Status try_multi() {
  const auto program = TRY(load(type));
  const auto& form = *attach::find_bpf_form(type);
  const bool user = form.attach == attach::BpfAttach::uprobe_multi;
  const auto point = user ? attach::BpfAttachPoint{.location = {.binary = "/nowhere/probebench"}}
                          : attach::BpfAttachPoint{.function = std::string(kLongerThanAnySymbol, 'x')};
  const auto link = attach::BpfLink::make(program, form, point);
  if (link || (user ? link.error().err == ENOENT || link.error().err == EBADF : link.error().err == E2BIG)) {
    return Done{};
  }
  return link.error();
}

Status try_trampoline() {
  const auto program = TRY(load(ProbeType::fentry, kHarmlessFunction));
  const auto link = attach::BpfLink::make(program, *attach::find_bpf_form(ProbeType::fentry),
                                          {.function = kHarmlessFunction});
  return link ? Status(Done{}) : link.error();
}

template <SiteId site>
Status try_test_run() {
  const auto driver = call::TestRunDriver::load(site);
  return driver ? Status(Done{}) : driver.error();
}

// The driver first: libbpf 1.1 leaks the kernel's BTF, several MB, when the target of a program is not in it.
Status try_fmod_ret() {
  constexpr auto kSite = SiteId::kernel_modifiable;
  TRY(try_test_run<kSite>());
  const auto program = load(ProbeType::fmod_ret, info_of(kSite).symbol.data());
  return program ? Status(Done{}) : program.error();
}

// Whose words say why it is missing. A kernel that lacks a thing says EINVAL, EOPNOTSUPP or ESRCH, each in
// its own place: mostly the sentence in the table of capabilities says it better.
enum class Words { of_table, of_refusal };

struct Question {
  Capability capability;
  std::uint32_t feature;  // of the helper module, where it is loaded; 0: it does not know
  Status (*ask)();        // nullptr: only the module knows
  Words words = Words::of_table;
};

constexpr std::array kQuestions{
    Question{Capability::helper_module, kModuleLoaded, try_module, Words::of_refusal},
    Question{Capability::kprobes, PB_FEATURE_KPROBES, nullptr},
    Question{Capability::kretprobes, PB_FEATURE_KRETPROBES, nullptr},
    Question{Capability::optprobes, PB_FEATURE_OPTPROBES, nullptr},
    Question{Capability::kprobes_on_ftrace, PB_FEATURE_ON_FTRACE, nullptr},
    Question{Capability::int3_boost, PB_FEATURE_BOOST, nullptr},
    Question{Capability::int3_emulation, PB_FEATURE_EMULATE, nullptr},
    Question{Capability::ftrace, PB_FEATURE_FTRACE, nullptr},
    Question{Capability::ftrace_regs, PB_FEATURE_FTRACE_REGS, nullptr},
    Question{Capability::fprobe, PB_FEATURE_FPROBE, nullptr},
    Question{Capability::tracepoints, PB_FEATURE_TRACEPOINTS, nullptr},
    Question{Capability::pmu, PB_FEATURE_PMU, try_counters, Words::of_refusal},
    Question{Capability::uprobes, 0, try_uprobes, Words::of_refusal},
    Question{Capability::bpf_uprobe, 0, try_bpf_uprobe, Words::of_refusal},
    Question{Capability::uprobe_multi, 0, try_multi<ProbeType::uprobe_multi>},
    Question{Capability::uprobe_events, 0, [] { return look_traced("uprobe_events"); }},
    Question{Capability::bpf_kprobe, 0, try_bpf_kprobe},
    Question{Capability::bpf_kprobe_multi, 0, try_multi<ProbeType::bpf_kprobe_multi>},
    Question{Capability::bpf_kprobe_session, 0, try_multi<ProbeType::bpf_kprobe_session>},
    Question{Capability::bpf_trampoline, 0, try_trampoline},
    Question{Capability::bpf_fmod_ret, 0, try_fmod_ret},
    Question{Capability::bpf_trigger, 0, try_test_run<SiteId::kernel_trigger>},
    Question{Capability::bpf_test_run, 0, try_test_run<SiteId::kernel_helper>},
    Question{Capability::bpf_tracepoint, 0, try_load<ProbeType::raw_tp>},
    Question{Capability::module_btf, 0, [] { return look_for("/sys/kernel/btf/probebench"); }},
    Question{Capability::kprobe_events, 0, [] { return look_traced("kprobe_events"); }},
    // The README has the syntax of every kind of dynamic event that this kernel knows.
    Question{Capability::fprobe_events, 0, [] { return look_traced("README", "f[:["); }},
    Question{Capability::function_tracer, 0, [] { return look_traced("available_tracers", "function "); }},
    Question{Capability::graph_tracer, 0, [] { return look_traced("available_tracers", "function_graph"); }},
    Question{Capability::trace_events, 0, [] { return look_traced("available_events"); }},
    Question{Capability::perf_kprobes, 0, [] { return look_for_pmu("kprobe"); }},
    Question{Capability::perf_breakpoints, 0, [] { return look_for_pmu("breakpoint"); }},
};

// One that forbids it says EPERM.
Error told(const Question& question, Error refusal) {
  const bool forbidden = refusal.err == EPERM || refusal.err == EACCES;
  refusal.fault = Fault::unsupported;
  if (question.words == Words::of_refusal) return refusal;
  if (!forbidden) refusal.what = missing_on(kOwnArch, question.capability);
  refusal.hint.clear();
  return refusal;
}

void ask(const Question& question, Offer& offer) {
  auto answer = question.ask();
  if (answer) {
    offer.capabilities.push_back(question.capability);
  } else {
    auto refusal = told(question, answer.take_error());
    // A refusal of modules says in its hint what would end it.
    if (question.capability == Capability::helper_module && !refusal.hint.empty()) {
      offer.needed[question.capability] = std::exchange(refusal.hint, {});
    } else if (refusal.err == EPERM || refusal.err == EACCES) {
      offer.needed[question.capability] = kernel::permission_needed(::geteuid());
    }
    offer.refusals[question.capability] = std::move(refusal);
  }
}

}  // namespace

Status look_in_tracefs(const fs::path& root, const std::string& file, std::string_view text) {
  const auto path = root / file;
  const auto content = read_file(path);
  if (!content && content.error().err == EACCES)
    return Error{Fault::unsupported, "read " + path.string(), EACCES, {}};
  std::error_code failure;
  if (!content && fs::is_empty(root, failure))
    return Error{Fault::unsupported, "mount tracefs at " + root.string(), EPERM, {}};
  return look_for(path.c_str(), text);
}

Error Offer::why_not(Capability capability) const {
  const auto refusal = refusals.find(capability);
  if (refusal != refusals.end()) return refusal->second;
  return {Fault::unsupported, std::string(missing_on(kOwnArch, capability)), 0, {}};
}

std::string Offer::needs(Capability capability) const {
  const auto own = needed.find(capability);
  if (own != needed.end()) return own->second;
  const auto provided_by = provided_by_on(kOwnArch, capability);
  return std::string(of_running_kernel ? provided_by.substr(0, provided_by.find(": --kernel")) : provided_by);
}

Offer offer_of_module(std::uint32_t features) {
  Offer offer;
  for (const auto& question : kQuestions) {
    if (((features | kModuleLoaded) & question.feature) != 0)
      offer.capabilities.push_back(question.capability);
  }
  return offer;
}

Offer find_offer(std::optional<std::uint32_t> module_features) {
  auto offer = module_features ? offer_of_module(*module_features) : Offer();
  for (const auto& question : kQuestions) {
    const bool answered = module_features && question.feature != 0;
    if (question.ask != nullptr && !answered) ask(question, offer);
  }
  return offer;
}

}  // namespace probebench::offer
