// SPDX-License-Identifier: MIT
#include "attach/crowd.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"

namespace probebench::attach {
namespace {

constexpr const char* kTraceable = "/sys/kernel/tracing/available_filter_functions";
constexpr std::string_view kOwn = "[probebench]";
// Idle CPUs are not watched by RCU, and RCU's own functions are what probes stand on.
constexpr std::array<std::string_view, 3> kHarmful{"arch_cpu_idle", "default_idle",
                                                   "bpf_dispatcher_xdp_func"};
constexpr std::array<std::string_view, 2> kHarmfulBegin{"rcu_", "__ftrace_invalid_address__"};

std::string_view name_in(std::string_view line) {
  return line.substr(0, line.find(' '));
}

Result<std::vector<std::uint64_t>> read_functions() {
  const auto listing = TRY(read_file(kTraceable));
  std::set<std::string> names;
  for (const auto line : split(listing, '\n')) {
    if (!line.empty() && !is_left_out(line)) names.emplace(name_in(line));
  }
  const auto table = TRY(kernel::find_kernel_functions(names));
  std::vector<std::uint64_t> addresses;
  for (const auto& [name, function] : table) {
    if (function.namesakes == 1) addresses.push_back(function.address);
  }
  return addresses;
}

}  // namespace

bool is_left_out(std::string_view line) {
  const auto name = name_in(line);
  return line.ends_with(kOwn) || std::ranges::find(kHarmful, name) != kHarmful.end() ||
         std::ranges::any_of(kHarmfulBegin, [&](auto begin) { return name.starts_with(begin); });
}

Result<std::span<const std::uint64_t>> functions_of_a_crowd() {
  static const auto kFunctions = read_functions();
  if (!kFunctions) return kFunctions.error();
  return std::span<const std::uint64_t>(*kFunctions);
}

Result<ProbedCrowd> ProbedCrowd::gather(const BpfForm& form) {
  const auto functions = TRY(functions_of_a_crowd());
  const BpfProgramSpec nothing{std::string(form.kind), Handler::nop, form.attach_type, {}, 0};
  auto program = TRY(BpfProgram::load(nothing));
  const auto begin = kernel::read_clock();
  auto link = TRY(BpfLink::to_functions(program, form, functions));
  const auto ticks = kernel::read_clock() - begin;
  return ProbedCrowd(std::move(program), std::move(link),
                     {static_cast<std::uint32_t>(functions.size()), ticks});
}

// A crowd hit at entry and at return costs another amount than one hit at entry.
const BpfForm& CrowdedAttachment::form_of_crowd(ProbeType type) {
  return *find_bpf_form(info_of(type).mechanism == Mechanism::fprobe_exit ? ProbeType::bpf_kretprobe_multi
                                                                          : ProbeType::bpf_kprobe_multi);
}

Status CrowdedAttachment::attach() {
  if (!crowd_) {
    auto crowd = TRY(ProbedCrowd::gather(form_));
    crowd_.emplace(std::move(crowd));
  }
  return own_->attach();
}

Status CrowdedAttachment::remove() {
  auto status = own_->remove();
  crowd_.reset();
  return status;
}

std::optional<Crowd> CrowdedAttachment::crowd() const {
  return crowd_ ? std::optional(crowd_->crowd()) : std::nullopt;
}

}  // namespace probebench::attach
