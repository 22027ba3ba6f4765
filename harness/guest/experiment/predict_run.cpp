// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "experiment/experiments.h"
#include "experiment/kernel_places.h"
#include "experiment/site_counters.h"
#include "kernel/arch.h"
#include "workload/users_command.h"

namespace probebench::experiment {
namespace {

bool is_refused(const SiteCount& count) {
  return !count.reason.empty();
}

CellStatus status_of(const Error& error) {
  return error.fault == Fault::unsupported ? CellStatus::skipped : CellStatus::errored;
}

void refuse(SiteCount& count, const Error& error) {
  count.status = status_of(error);
  count.reason = error.message();
}

class Prediction {
 public:
  Prediction(const PredictPlan& plan, const ExperimentContext& context) : plan_(plan), context_(context) {
    for (const auto& site : plan.sites) told_.sites.push_back({.site = site, .counted_by = {}});
  }

  PredictCounts run() {
    workload::adopt_orphans();
    find_places();
    const auto status = measure();
    workload::end_orphans();
    told_.status = status ? CellStatus::measured : status_of(status.error());
    if (!status) told_.reason = status.error().message();
    return std::move(told_);
  }

 private:
  // Before the command runs at all: what cannot be answered takes no time.
  void find_places() {
    const KernelPlaces kernel(plan_.sites);
    places_.resize(plan_.sites.size());
    for (std::size_t i = 0; i < plan_.sites.size(); ++i) {
      const auto& site = plan_.sites[i];
      const auto kind = place_kind(site.probe_type);
      if (kind == PlaceKind::function) {
        const auto place = kernel.find(site);
        if (place) places_[i] = *place;
        if (!place) refuse(told_.sites[i], place.error());
      }
      if (kind != PlaceKind::event) continue;
      if (const auto good = check_event(site.name); !good) refuse(told_.sites[i], good.error());
    }
  }

  // Without one of them there is no answer, whatever the others have.
  Status check_sites() {
    if (std::ranges::none_of(told_.sites, is_refused)) return Done{};
    const bool errored = std::ranges::any_of(told_.sites, [](const SiteCount& one) {
      return is_refused(one) && one.status == CellStatus::errored;
    });
    for (auto& one : told_.sites) {
      if (!is_refused(one))
        refuse(one, {Fault::unsupported, "not counted, since another probe is refused", 0, {}});
    }
    return Error{errored ? Fault::cell : Fault::unsupported, "a probe is refused", 0, {}};
  }

  Status measure() {
    TRY(check_sites());
    TRY(run_alone());
    SiteCounters counters(context_.control);
    counters.attach(told_.sites, places_);
    auto status = check_sites();
    if (status) status = run_counted(counters);
    auto detached = counters.detach();
    if (detached) return status;
    // Bytes that do not come back are a failure of every site.
    for (auto& one : told_.sites) refuse(one, detached.error());
    return detached;
  }

  Status run_alone() {
    for (std::uint32_t i = 0; i < plan_.runs; ++i) {
      step("alone", i);
      const auto begin = kernel::begin_clock();
      TRY(workload::run_command(plan_.command, timeout()));
      told_.base.push_back(static_cast<double>(kernel::end_clock() - begin));
      end_orphans();
    }
    return Done{};
  }

  std::chrono::seconds timeout() const { return std::chrono::seconds(plan_.timeout_s); }

  // A sign of life as well: a run may take as long as it takes.
  void step(const char* how, std::uint32_t index) const {
    context_.tell(
        ExperimentStep{fmt::format("{}, {} ({} of {})", plan_.command.front(), how, index + 1, plan_.runs)});
  }

  // They would be in the way of the next run.
  void end_orphans() { told_.outlived = std::max(told_.outlived, workload::end_orphans()); }

  Status run_counted(SiteCounters& counters) {
    workload::Prepare prepare;
    if (counters.prepares()) prepare = [&](pid_t process) { return counters.prepare(process); };
    for (std::uint32_t i = 0; i < plan_.runs; ++i) {
      step("counted", i);
      TRY(counters.begin());
      TRY(workload::run_command(plan_.command, timeout(), prepare));
      const auto hits = TRY(counters.hits());
      for (std::size_t s = 0; s < told_.sites.size(); ++s) {
        told_.sites[s].hits.push_back(hits[s]);
        told_.sites[s].status = CellStatus::measured;
      }
      end_orphans();
    }
    return Done{};
  }

  const PredictPlan& plan_;
  const ExperimentContext& context_;
  PredictCounts told_;
  std::vector<KernelPlace> places_;
};

}  // namespace

bool run_predict(const PredictPlan& plan, const ExperimentContext& context) {
  if (plan.sites.empty()) return true;
  auto counts = Prediction(plan, context).run();
  const bool fine = counts.status != CellStatus::errored;
  context.tell(std::move(counts));
  return fine;
}

}  // namespace probebench::experiment
