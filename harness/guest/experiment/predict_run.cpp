// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>

#include "cost/armed_probe.h"
#include "experiment/experiments.h"
#include "experiment/kernel_places.h"
#include "experiment/predict_runs.h"
#include "experiment/site_counters.h"
#include "offer/known_names.h"
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
  Prediction(const ExperimentPlan& plan, const ExperimentContext& context)
      : plan_(plan.predict), own_(plan.cost), context_(context), runs_(plan_, context, told_) {
    told_.process = plan_.process;
    for (const auto& site : plan_.sites) told_.sites.push_back({.site = site, .counted_by = {}});
  }

  PredictCounts run() {
    workload::adopt_orphans();
    const auto ours = workload::children();
    find_places();
    const auto status = plan_.own_probe ? measure_own() : measure();
    workload::end_orphans(ours);
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
      if (const auto good = offer::check_event(site.name); !good) refuse(told_.sites[i], good.error());
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
    TRY(runs_.alone());
    // The module counts the hits of all processes, and on the running kernel there are others'.
    SiteCounters counters(context_.offer.of_running_kernel ? nullptr : context_.control);
    counters.attach(told_.sites, places_);
    auto status = check_sites();
    if (status) status = run_counted(counters);
    auto detached = counters.detach();
    if (detached) return status;
    // Bytes that do not come back are a failure of every site.
    for (auto& one : told_.sites) refuse(one, detached.error());
    return detached;
  }

  Status run_counted(SiteCounters& counters) {
    workload::Prepare prepare;
    if (counters.prepares()) prepare = [&](pid_t process) { return counters.prepare(process); };
    const auto begin = [&]() -> Status {
      TRY(counters.begin());
      return plan_.process == 0 ? Status(Done{}) : counters.watch(plan_.process);
    };
    return runs_.counted(
        begin, [&] { return take_hits(counters); }, prepare);
  }

  Status take_hits(const SiteCounters& counters) {
    const auto hits = TRY(counters.hits());
    for (std::size_t s = 0; s < told_.sites.size(); ++s) {
      told_.sites[s].hits.push_back(hits[s]);
      told_.sites[s].status = CellStatus::measured;
    }
    return Done{};
  }

  Status measure_own() {
    TRY(runs_.alone());
    auto armed = TRY(cost::ArmedProbe::arm(*own_));
    auto status = count_own(armed);
    TRY(armed.disarm());
    return status;
  }

  Status count_own(cost::ArmedProbe& armed) {
    std::vector<ProbeHits> before;
    const auto begin = [&]() -> Status {
      before = TRY(armed.hits());
      return Done{};
    };
    return runs_.counted(begin, [&]() -> Status {
      add_own(TRY(armed.hits()), before);
      return Done{};
    });
  }

  void add_own(const std::vector<ProbeHits>& now, const std::vector<ProbeHits>& before) {
    told_.own.resize(now.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      auto& own = told_.own[i];
      own.probe = now[i].probe;
      own.counted_by = now[i].counted_by;
      own.hits.push_back(now[i].hits.counted - before[i].hits.counted);
      own.missed += now[i].hits.missed - before[i].hits.missed;
    }
  }

  const PredictPlan& plan_;
  const std::optional<CostPlan>& own_;
  const ExperimentContext& context_;
  PredictCounts told_;
  PredictRuns runs_;
  std::vector<KernelPlace> places_;
};

}  // namespace

bool run_predict(const ExperimentPlan& plan, const ExperimentContext& context) {
  if (!plan.predict.asked() || (plan.predict.own_probe && !plan.cost)) return true;
  auto counts = Prediction(plan, context).run();
  const bool fine = counts.status != CellStatus::errored;
  context.tell(std::move(counts));
  return fine;
}

}  // namespace probebench::experiment
