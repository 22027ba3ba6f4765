// SPDX-License-Identifier: MIT
#include "experiment/site_counters.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "attach/tracefs_attachment.h"
#include "base/unique_fd.h"

namespace probebench::experiment {
namespace {

void refuse_site(SiteCount& count, const Error& error) {
  count.status = error.fault == Fault::unsupported ? CellStatus::skipped : CellStatus::errored;
  count.reason = error.message();
}

bool is_function(const SiteCount& one) {
  return place_kind(one.site.probe_type) == PlaceKind::function;
}

}  // namespace

void SiteCounters::attach(std::vector<SiteCount>& told, const std::vector<KernelPlace>& places) {
  in_set_.assign(told.size(), {});
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (is_function(told[i]) && control_ != nullptr) continue;
    told[i].counted_by = "perf event";
    if (const auto added = add_event(i, told[i].site); !added) refuse_site(told[i], added.error());
  }
  if (control_ != nullptr && std::ranges::any_of(told, is_function)) count_by_set(told, places);
}

Status SiteCounters::add_event(std::size_t index, const PredictSite& site) {
  const auto kind = place_kind(site.probe_type);
  if (kind == PlaceKind::file) return add_file(index, site);
  if (kind == PlaceKind::function) {
    const auto owner = site.module.empty() || site.module == "vmlinux" ? "" : site.module + ":";
    return add_dynamic_event(index, fmt::format("{}{}+{:#x}", owner, site.name, site.offset.value_or(0)));
  }
  auto counter = TRY(kernel::EventCounter::of_event(site.name));
  events_.push_back({index, std::nullopt, std::move(counter)});
  return Done{};
}

Status SiteCounters::add_dynamic_event(std::size_t index, const std::string& where) {
  const auto name = fmt::format("predict_{}", events_.size());
  auto event = TRY(attach::DynamicEvent::create('p', attach::trace_name(), name, where));
  auto counter = TRY(kernel::EventCounter::of_event(attach::trace_name() + ":" + name));
  events_.push_back({index, std::move(event), std::move(counter)});
  return Done{};
}

// The kernel looks the file up when the event is defined; its descriptor's name needs no quoting.
Status SiteCounters::add_file(std::size_t index, const PredictSite& site) {
  const UniqueFd file(::open(site.name.c_str(), O_PATH | O_CLOEXEC));
  if (!file) return errno_error(Fault::cell, "open " + site.name);
  for (const auto& point : site.points) {
    auto where = fmt::format("/proc/self/fd/{}:{:#x}", file.get(), point.offset);
    if (point.semaphore != 0) where += fmt::format("({:#x})", point.semaphore);
    TRY(add_dynamic_event(index, where));
  }
  return Done{};
}

// ftrace is cheaper, but knows entries only. An address has one probe, however many sites are there.
void SiteCounters::count_by_set(std::vector<SiteCount>& told, const std::vector<KernelPlace>& places) {
  attach::SetRequest request{
      .mechanism = Mechanism::ftrace, .handler = {{Handler::count}, true}, .addresses = {}};
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (!is_function(told[i])) continue;
    if (places[i].past_entry) request.mechanism = Mechanism::kprobe;
    const auto known = std::ranges::find(request.addresses, places[i].address);
    in_set_[i] = static_cast<std::size_t>(known - request.addresses.begin());
    if (known == request.addresses.end()) request.addresses.push_back(places[i].address);
  }
  auto set = attach::ProbeSet::define(*control_, request);
  const auto armed = set ? set->arm() : Status(set.error());
  for (auto& one : told) {
    if (!is_function(one)) continue;
    one.counted_by = request.mechanism == Mechanism::kprobe ? "kprobe" : "ftrace";
    if (!armed) refuse_site(one, armed.error());
  }
  if (!armed) return;
  set_.emplace(std::move(*set));
  check_set(told);
}

void SiteCounters::check_set(std::vector<SiteCount>& told) const {
  const auto probes = set_->probes();
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (!in_set_[i]) continue;
    if (!probes) {
      refuse_site(told[i], probes.error());
    } else if (const auto& probe = (*probes)[*in_set_[i]]; probe.error != 0) {
      refuse_site(told[i], {Fault::cell, probe.step + " a probe on " + told[i].site.place, probe.error,
                            "the kernel does not let this address be probed"});
    }
  }
}

Result<std::vector<std::uint64_t>> SiteCounters::read_set() const {
  std::vector<std::uint64_t> hits;
  if (!set_) return hits;
  const auto probes = TRY(set_->probes());
  for (const auto& probe : probes) hits.push_back(probe.hits);
  return hits;
}

Status SiteCounters::begin() {
  before_ = TRY(read_set());
  return Done{};
}

Status SiteCounters::prepare(pid_t process) {
  for (auto& event : events_) TRY(event.counter.start(process));
  return Done{};
}

Status SiteCounters::watch(pid_t process) {
  for (auto& event : events_) TRY(event.counter.watch(process));
  return Done{};
}

// The set first: to read an event is a system call that a probe of the set may be on.
Result<std::vector<std::uint64_t>> SiteCounters::hits() const {
  const auto now = TRY(read_set());
  std::vector<std::uint64_t> hits(in_set_.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (in_set_[i]) hits[i] = now[*in_set_[i]] - before_[*in_set_[i]];
  }
  for (const auto& event : events_) hits[event.site] += TRY(event.counter.read());
  return hits;
}

Status SiteCounters::detach() {
  events_.clear();
  if (!set_) return Done{};
  auto status = set_->disarm();
  set_.reset();
  return status;
}

}  // namespace probebench::experiment
