// SPDX-License-Identifier: MIT
#include "call/tracepoint_site.h"

#include <fmt/format.h>

#include <algorithm>

#include "attach/bpf_link.h"
#include "call/measured_loop.h"
#include "call/user_loop.h"
#include "kernel/bpf_text.h"

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
  return Error{
      Fault::unsupported, fmt::format("this kernel has no function {}", info_of(site).symbol), 0, {}};
}

// With any program attached; which one does not matter for where the kernel patches.
Result<Bytes> text_while_attached(const attach::BpfAttachPoint& event, std::uint64_t function) {
  const auto& form =
      *attach::find_bpf_form(event.event_group.empty() ? ProbeType::raw_tp : ProbeType::bpf_tp);
  const auto program = attach::BpfProgram::load({std::string(form.kind), Handler::nop, form.attach_type, {}});
  if (!program) return program.error();
  const auto link = attach::BpfLink::make(*program, form, event);
  if (!link) return link.error();
  return kernel::read_kernel_text_by_bpf(function, kSearchedBytes);
}

}  // namespace

Status TracepointSite::select(const Cell& cell) {
  // First of all: a kernel without it fails in less telling ways later.
  const auto function = address_of_function(cell.site);
  if (!function) return function.error();
  if (auto status = choose_driver(cell); !status) return status;
  return find_switch(cell.site, *function);
}

Status TracepointSite::choose_driver(const Cell& cell) {
  if (cell.driver != DriverId::test_run) {
    limits_ = user_limits(tsc_khz_, clock_);
    auto team = CallerTeam::make(cell.threads);
    if (!team) return team.error();
    team_ = std::move(*team);
    return Done{};
  }
  limits_ = TestRunDriver::limits(tsc_khz_);
  auto driver = TestRunTeam::load(cell, clock_, tsc_khz_);
  if (!driver) return driver.error();
  driver_ = std::move(*driver);
  return Done{};
}

Status TracepointSite::find_switch(SiteId site, std::uint64_t function) {
  const auto before = kernel::read_kernel_text_by_bpf(function, kSearchedBytes);
  if (!before) return before.error();
  const auto attached = text_while_attached(*attach::event_of(site), function);
  if (!attached) return attached.error();
  const auto differs = std::ranges::mismatch(*before, *attached).in1;
  if (differs == before->end()) {
    return Error{Fault::unsupported,
                 fmt::format("find where {} is switched on in {}", attach::event_of(site)->event,
                             info_of(site).symbol),
                 0, "its text does not change"};
  }
  address_ = function + static_cast<std::uint64_t>(differs - before->begin());
  return Done{};
}

Result<Evidence> TracepointSite::look_now() {
  auto text = kernel::read_kernel_text_by_bpf(address_, kSiteBytes);
  if (!text) return text.error();
  Evidence evidence;
  evidence.site_address = address_;
  evidence.armed = std::move(*text);
  return evidence;
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
