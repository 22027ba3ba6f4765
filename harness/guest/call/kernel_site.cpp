// SPDX-License-Identifier: MIT
#include "call/kernel_site.h"

#include <fmt/format.h>

#include <algorithm>

#include "attach/bpf_link.h"
#include "call/measured_loop.h"
#include "call/user_loop.h"
#include "kernel/arch.h"
#include "kernel/bpf_text.h"
#include "kernel/kallsyms.h"

namespace probebench::call {
namespace {

constexpr std::size_t kSearchedBytes = 1000;

// The functions of which one has the tracepoint, newest name last.
std::vector<std::string> functions_of(SiteId site) {
  std::vector<std::string> names{std::string(info_of(site).symbol)};
  // Linux 7.0 made the caller an inline function and left the tracepoint in one of its own.
  if (site == SiteId::syscall_getpgid) names.emplace_back("trace_syscall_enter");
  return names;
}

// The compiler may have made a special copy of a function and given it a name of its own.
Result<std::uint64_t> address_of_function(SiteId site) {
  for (const auto& symbol : functions_of(site)) {
    for (const auto* suffix : {"", ".constprop.0", ".isra.0"}) {
      auto address = kernel::kernel_symbol_address(symbol + suffix);
      if (address) return address;
    }
  }
  if (const auto listing = kernel::first_listing()) TRY(kernel::addresses_are_shown(*listing));
  return Error{
      Fault::unsupported, fmt::format("this kernel has no function {}", info_of(site).symbol), 0, {}};
}

// With any program attached; which one does not matter for where the kernel patches.
Result<Bytes> text_while_attached(const attach::BpfAttachPoint& event, std::uint64_t function,
                                  const kernel::BpfTextReader& reader) {
  const auto& form =
      *attach::find_bpf_form(event.event_group.empty() ? ProbeType::raw_tp : ProbeType::bpf_tp);
  const auto program =
      TRY(attach::BpfProgram::load({std::string(form.kind), Handler::nop, form.attach_type, {}}));
  const auto link = TRY(attach::BpfLink::make(program, form, event));
  return reader.read(function, kSearchedBytes);
}

Result<Evidence> evidence_of(std::uint64_t site, Result<Bytes> text) {
  if (!text) return text.error();
  Evidence evidence;
  evidence.site_address = site;
  evidence.armed = std::move(*text);
  return evidence;
}

}  // namespace

Status KernelSite::select(const Cell& cell) {
  driver_ = TRY(TestRunTeam::load(cell, clock_, limits_.tsc_khz));
  const auto function = TRY(kernel::kernel_symbol_address(std::string(info_of(cell.site).symbol)));
  text_ = TRY(kernel::KernelTextFile::open());
  const auto text = TRY(text_->read(function, kSiteBytes));
  address_ = kernel::ftrace_location(function, text);
  return Done{};
}

Result<Evidence> KernelSite::look_now() {
  return evidence_of(address_, text_->read(address_, kSiteBytes));
}

Result<Window> KernelSite::window(const kernel::WindowRequest& request) {
  return window_between_looks(*this,
                              [&] { return driver_->window(request.calls, request.cold, request.marked); });
}

Status TracepointSite::select(const Cell& cell) {
  // First of all: a kernel without it fails in less telling ways later.
  const auto function = TRY(address_of_function(cell.site));
  TRY(choose_driver(cell));
  return find_switch(cell.site, function);
}

Status TracepointSite::choose_driver(const Cell& cell) {
  if (cell.driver != DriverId::test_run) {
    limits_ = user_limits(tsc_khz_, clock_);
    team_ = TRY(CallerTeam::make(cell.threads));
    return Done{};
  }
  limits_ = TestRunDriver::limits(tsc_khz_, clock_);
  driver_ = TRY(TestRunTeam::load(cell, clock_, tsc_khz_));
  return Done{};
}

Status TracepointSite::find_switch(SiteId site, std::uint64_t function) {
  reader_ = TRY(kernel::BpfTextReader::load());
  const auto before = TRY(reader_->read(function, kSearchedBytes));
  const auto attached = TRY(text_while_attached(*attach::event_of(site), function, *reader_));
  const auto differs = std::ranges::mismatch(before, attached).in1;
  if (differs == before.end()) {
    return Error{Fault::unsupported,
                 fmt::format("find where {} is switched on in {}", attach::event_of(site)->event,
                             info_of(site).symbol),
                 0, "its text does not change"};
  }
  address_ = function + static_cast<std::uint64_t>(differs - before.begin());
  return Done{};
}

Result<Evidence> TracepointSite::look_now() {
  return evidence_of(address_, reader_->read(address_, kSiteBytes));
}

Result<Window> TracepointSite::run(const kernel::WindowRequest& request) {
  if (driver_) return driver_->window(request.calls, request.cold, request.marked);
  yield_until_tick();
  if (!request.cold) team_->time_calls(pb_call_getpgid, limits_.warmup_calls);
  return team_->time_calls(pb_call_getpgid, request.calls, request.marked);
}

Result<Window> TracepointSite::window(const kernel::WindowRequest& request) {
  return window_between_looks(*this, [&] { return run(request); });
}

}  // namespace probebench::call
