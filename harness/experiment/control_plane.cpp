// SPDX-License-Identifier: MIT
#include "experiment/control_plane.h"

#include <fmt/format.h>
#include <sys/sysinfo.h>

#include <chrono>
#include <utility>

#include "probe/field.h"
#include "probe/probe_set.h"
#include "probe/set_ticks.h"
#include "probe/setting.h"

namespace probebench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kOptimizeDeadline{10};
// Below this a page or two of the kernel's own is more than the probes are.
constexpr std::uint32_t kFewestForMemory = 100;

std::uint64_t free_bytes() {
  struct sysinfo info {};
  return ::sysinfo(&info) == 0 ? std::uint64_t{info.freeram} * info.mem_unit : 0;
}

struct LifeRequest {
  std::string_view name;  // of the probe type
  Mechanism mechanism = Mechanism::kprobe;
  Optimization optimization = Optimization::any;
};

class Life {
 public:
  Life(const LifeRequest& request, std::uint32_t probes, const ExperimentContext& context)
      : request_(request), probes_(probes), context_(context), field_(*context.control) {}

  Status live() {
    auto setting = set_optimization(request_.optimization);
    if (!setting) return setting.error();
    auto addresses = field_.sites(FieldLayout::functions, probes_);
    if (!addresses) return addresses.error();
    const auto free_before = free_bytes();
    auto set = ProbeSet::define(
        *context_.control,
        {.mechanism = request_.mechanism, .handler = {{Handler::count}}, .addresses = std::move(*addresses)});
    if (!set) return set.error();
    if (auto status = set->arm(); !status) return status;
    if (auto status = wait_until_optimized(*set); !status) return status;
    add_memory(free_before);
    if (auto status = set->disarm(); !status) return status;
    if (auto status = set->clear(); !status) return status;
    return add_steps();
  }

  std::vector<ControlStep> steps() && { return std::move(steps_); }
  void add(std::string_view step, double value, std::string_view unit, std::string_view note = {}) {
    steps_.push_back({.probe_type = std::string(request_.name),
                      .probes = probes_,
                      .step = std::string(step),
                      .value = value,
                      .unit = std::string(unit),
                      .note = std::string(note)});
  }
  void fail(const Error& error) {
    add("register", 0, "clock", error.message());
    steps_.back().status = error.fault == Fault::unsupported ? CellStatus::skipped : CellStatus::errored;
  }

 private:
  // Calls go on meanwhile: the hits until the last site is a jump are hits at the price of an int3.
  Status wait_until_optimized(const ProbeSet& set) {
    if (request_.optimization != Optimization::on) return Done{};
    const auto begin = steady_clock::now();
    const FieldOperation round{FieldLayout::functions, 0, 1, probes_};
    std::uint64_t hits = 0;
    for (;;) {
      const auto totals = set.totals();
      if (!totals) return totals.error();
      if (totals->jumps == probes_) break;
      if (steady_clock::now() - begin > kOptimizeDeadline) {
        return Error{
            Fault::unsupported, fmt::format("{} of {} probes were optimized", totals->jumps, probes_), 0, {}};
      }
      const auto time = field_.run(round, probes_);
      if (!time) return time.error();
      hits += time->hits;
    }
    const std::chrono::duration<double, std::milli> waited = steady_clock::now() - begin;
    add("optimize", waited.count(), "ms", "from arming until the last site was a jump, while calls go on");
    add("hits-until-optimized", static_cast<double>(hits), "hits", "of calls without a pause");
    return Done{};
  }

  void add_memory(std::uint64_t free_before) {
    const auto free_now = free_bytes();
    if (probes_ < kFewestForMemory || free_now == 0 || free_now > free_before) return;
    add("memory", static_cast<double>(free_before - free_now) / probes_, "bytes",
        "of each probe: free memory before and after, with what the helper module keeps of it");
  }

  Status add_steps() {
    const auto ticks = last_set_ticks(*context_.control);
    if (!ticks) return ticks.error();
    add("register", static_cast<double>(ticks->add), "clock");
    add("arm", static_cast<double>(ticks->arm), "clock");
    add("disarm", static_cast<double>(ticks->disarm), "clock");
    add("unregister", static_cast<double>(ticks->remove), "clock", "with the kernel's grace periods");
    return Done{};
  }

  LifeRequest request_;
  std::uint32_t probes_;
  const ExperimentContext& context_;
  Field field_;
  std::vector<ControlStep> steps_;
};

ControlStep skipped_step(std::uint32_t probes, const Error& why) {
  return {.probe_type = "kprobe-optimized",
          .probes = probes,
          .step = "register",
          .unit = "clock",
          .status = CellStatus::skipped,
          .note = why.message()};
}

}  // namespace

std::vector<ControlStep> measure_control_plane(std::uint32_t probes, const ExperimentContext& context) {
  if (context.control == nullptr) {
    return {skipped_step(probes, context.offer.why_not(Capability::helper_module))};
  }
  std::vector<ControlStep> all;
  for (const auto& request : {LifeRequest{"kprobe-unoptimized", Mechanism::kprobe, Optimization::off},
                              LifeRequest{"kprobe-optimized", Mechanism::kprobe, Optimization::on}}) {
    Life life(request, probes, context);
    if (const auto status = life.live(); !status) life.fail(status.error());
    for (auto& step : std::move(life).steps()) all.push_back(std::move(step));
  }
  return all;
}

}  // namespace probebench
