// SPDX-License-Identifier: MIT
#include "kernel/control.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "kernel/evidence.h"
#include "pb_abi.h"

namespace probebench::kernel {
namespace {

pb_attach request_for(const Cell& cell) {
  pb_attach request{};
  request.mechanism = static_cast<std::uint32_t>(info_of(cell.probe_type).mechanism);
  request.site = static_cast<std::uint32_t>(cell.site);
  request.handler = static_cast<std::uint32_t>(cell.handler);
  request.delay_ns = cell.delay_ns;
  request.user_string = reinterpret_cast<std::uintptr_t>(kUserString.data());
  return request;
}

Window window_of(const pb_window& raw) {
  Window window;
  window.calls = raw.calls;
  window.ticks = raw.ticks;
  if ((raw.status & PB_WIN_PMU) != 0) {
    window.cycles = raw.cycles;
    window.instructions = raw.instructions;
  }
  window.hits = raw.hits;
  window.hits_elsewhere = raw.hits_elsewhere;
  window.missed = raw.missed;
  for (std::uint32_t i = 0; raw.cpus > 1 && i < raw.cpus; ++i) {
    window.by_thread.push_back({raw.on[i].cpu, raw.on[i].hits});
  }
  window.cpu = raw.cpu;
  window.overrun = (raw.status & PB_WIN_OVERRUN) != 0;
  std::ranges::copy(raw.site_before, window.site_before.begin());
  std::ranges::copy(raw.site_after, window.site_after.begin());
  return window;
}

Error too_many(std::uint32_t threads, long most) {
  return {Fault::unsupported,
          fmt::format("{} threads at once: the helper module has {} CPUs here", threads, most), 0,
          most > 1 ? fmt::format("--threads {} or fewer", most) : "--threads 1"};
}

}  // namespace

Status Control::load_module(const std::filesystem::path& module) {
  const UniqueFd fd(::open(module.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error(Fault::infra, "open module " + module.string());
  if (::syscall(SYS_finit_module, fd.get(), "", 0) != 0) {
    return errno_error(Fault::infra, "load module " + module.string(), "see the end of guest.log");
  }
  return Done{};
}

Result<Control> Control::open(const std::filesystem::path& device) {
  UniqueFd fd(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) {
    return errno_error(Fault::infra, "open " + device.string(), "root only, and one owner at a time");
  }
  return Control(std::move(fd));
}

Result<ModuleInfo> Control::info() const {
  pb_info raw{};
  if (::ioctl(fd_.get(), PB_IOC_INFO, &raw) != 0)
    return errno_error(Fault::infra, "ask the module what it can do");
  if (raw.abi_version != PB_ABI_VERSION) {
    return Error{Fault::infra,
                 fmt::format("module ABI is version {}, the agent needs {}", raw.abi_version, PB_ABI_VERSION),
                 0, "rebuild the module"};
  }
  const RigLimits limits{raw.max_calls, raw.max_window_ns, raw.probation_calls, raw.tsc_khz,
                         raw.warmup_calls};
  return ModuleInfo{raw.features, limits};
}

Status Control::selftest() const {
  pb_selftest raw{};
  if (::ioctl(fd_.get(), PB_IOC_SELFTEST, &raw) != 0)
    return errno_error(Fault::infra, "run the module's self-test");
  if (raw.failures == 0 && raw.checks > 0) return Done{};
  return Error{Fault::infra,
               fmt::format("module self-test: {} of {} checks failed, first: {}", raw.failures, raw.checks,
                           raw.first_failure),
               0,
               {}};
}

Status Control::select(const Cell& cell) const {
  pb_attach request = request_for(cell);
  if (::ioctl(fd_.get(), PB_IOC_SELECT, &request) != 0)
    return errno_error(Fault::cell, "select the probe site");
  return Done{};
}

Status Control::attach(const Cell& cell) const {
  pb_attach request = request_for(cell);
  if (::ioctl(fd_.get(), PB_IOC_ATTACH, &request) != 0) {
    return errno_error(Fault::cell, fmt::format("attach {} to {}", info_of(cell.probe_type).name,
                                                info_of(cell.site).symbol));
  }
  return Done{};
}

Status Control::detach() const {
  if (::ioctl(fd_.get(), PB_IOC_DETACH) != 0) return errno_error(Fault::cell, "detach and restore the text");
  return Done{};
}

Result<Evidence> Control::look_now() const {
  return look(PB_EVIDENCE_NOW);
}

Result<Evidence> Control::look_at_last_window() const {
  return look(PB_EVIDENCE_WINDOW);
}

Result<Evidence> Control::look(std::uint32_t when) const {
  pb_evidence raw{};
  raw.when = when;
  if (::ioctl(fd_.get(), PB_IOC_EVIDENCE, &raw) != 0)
    return errno_error(Fault::cell, "read the probe's evidence");
  return evidence_of(raw);
}

Result<Window> Control::window(const WindowRequest& request, std::uint32_t threads) const {
  if (threads > PB_MAX_CPUS) return too_many(threads, PB_MAX_CPUS);
  pb_window raw{};
  raw.cpus = threads;
  raw.subject = static_cast<std::uint32_t>(request.subject);
  raw.handler = static_cast<std::uint32_t>(request.handler);
  raw.calls = request.calls;
  raw.flags = (request.rearm ? PB_WIN_REARM : 0u) | (request.cold ? PB_WIN_COLD : 0u) |
              (request.marked ? PB_WIN_MARKED : 0u);
  if (::ioctl(fd_.get(), PB_IOC_WINDOW, &raw) != 0) {
    const int refusal = errno;
    if (refusal == ENXIO) return too_many(threads, ::sysconf(_SC_NPROCESSORS_ONLN));
    return Error{Fault::cell, fmt::format("run a window of {} calls", request.calls), refusal,
                 refusal == E2BIG ? "it would keep interrupts off longer than the module allows" : ""};
  }
  return window_of(raw);
}

Result<SetTicks> last_set_ticks(const Control& control) {
  pb_set_ticks raw{};
  if (::ioctl(control.device(), PB_IOC_SET_TICKS, &raw) != 0) {
    return errno_error(Fault::cell, "ask what a set's steps cost");
  }
  return SetTicks{raw.add, raw.arm, raw.disarm, raw.remove};
}

}  // namespace probebench::kernel
