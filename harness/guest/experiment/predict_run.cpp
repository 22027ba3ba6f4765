// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "attach/probe_set.h"
#include "experiment/armed_suite.h"
#include "experiment/experiments.h"
#include "kernel/arch.h"
#include "kernel/perf_event.h"
#include "workload/work.h"

namespace probebench::experiment {
namespace {

// "vfs_read+0x12" -> {"vfs_read", 0x12}; without an offset there is none.
struct Place {
  std::string name;
  std::optional<std::uint64_t> offset;
};

Place place_of(const std::string& text) {
  const auto plus = text.rfind('+');
  if (plus == std::string::npos) return {text, {}};
  auto digits = std::string_view(text).substr(plus + 1);
  const bool hexadecimal = digits.starts_with("0x");
  if (hexadecimal) digits.remove_prefix(2);
  std::uint64_t offset = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), offset, hexadecimal ? 16 : 10);
  return {text.substr(0, plus), offset};
}

void refuse(SiteCount& count, const Error& error) {
  count.status = error.fault == Fault::unsupported ? CellStatus::skipped : CellStatus::errored;
  count.reason = error.message();
}

// Something that counts one site's hits.
struct Counter {
  std::size_t site = 0;  // its index in the plan
  std::function<Result<std::uint64_t>()> read;
};

class Prediction {
 public:
  Prediction(const PredictPlan& plan, const ExperimentContext& context) : plan_(plan), context_(context) {
    for (const auto& site : plan.sites) told_.sites.push_back({.site = site, .counted_by = {}});
  }

  PredictCounts run() {
    auto status = run_alone();
    if (status) {
      attach();
      status = run_counted();
      detach();
    }
    told_.status = status ? CellStatus::measured : CellStatus::errored;
    if (!status) told_.reason = status.error().message();
    return std::move(told_);
  }

 private:
  Status run_alone() {
    auto work =
        workload::make_work(WorkloadId::command, {plan_.command, std::chrono::seconds(plan_.timeout_s)});
    if (!work) return work.error();
    work_ = std::move(*work);
    for (std::uint32_t i = 0; i < plan_.runs; ++i) {
      step("alone", i);
      const auto begin = kernel::begin_clock();
      TRY(work_->run(1));
      told_.base.push_back(static_cast<double>(kernel::end_clock() - begin));
    }
    return Done{};
  }

  // A sign of life as well: a run may take as long as it takes.
  void step(const char* how, std::uint32_t index) const {
    context_.tell(
        ExperimentStep{fmt::format("{}, {} ({} of {})", plan_.command.front(), how, index + 1, plan_.runs)});
  }

  void attach() {
    std::vector<std::size_t> functions;
    for (std::size_t i = 0; i < plan_.sites.size(); ++i) {
      const auto kind = place_kind(plan_.sites[i].probe_type);
      if (kind == PlaceKind::function && context_.control != nullptr) {
        functions.push_back(i);
      } else {
        count_by_event(i, kind);
      }
    }
    if (!functions.empty()) count_by_set(functions);
  }

  Result<kernel::EventCounter> event_counter(std::size_t index, PlaceKind kind) const {
    const auto& text = plan_.sites[index].place;
    const auto place = place_of(text);
    if (kind == PlaceKind::event) return kernel::EventCounter::of_event(text);
    if (kind == PlaceKind::file) return kernel::EventCounter::of_file(place.name, place.offset.value_or(0));
    return kernel::EventCounter::of_function(place.name, place.offset.value_or(0));
  }

  void count_by_event(std::size_t index, PlaceKind kind) {
    auto counter = event_counter(index, kind);
    if (!counter) return refuse(told_.sites[index], counter.error());
    told_.sites[index].counted_by = "perf event";
    auto shared = std::make_shared<kernel::EventCounter>(std::move(*counter));
    counters_.push_back({index, [shared] { return shared->read(); }});
  }

  // The address of each; those that have none are refused.
  std::vector<std::uint64_t> resolve(std::vector<std::size_t>& indices, bool& past_entry) {
    std::set<std::string> names;
    for (const auto index : indices) names.insert(place_of(plan_.sites[index].place).name);
    const auto table = kernel::find_kernel_functions(symbols_wanted({names.begin(), names.end()}));
    std::vector<std::uint64_t> addresses;
    std::erase_if(indices, [&](std::size_t index) {
      const auto address =
          table ? address_of(index, *table, past_entry) : Result<std::uint64_t>(table.error());
      if (!address) {
        refuse(told_.sites[index], address.error());
        return true;
      }
      addresses.push_back(*address);
      return false;
    });
    return addresses;
  }

  Result<std::uint64_t> address_of(std::size_t index, const kernel::FunctionTable& table,
                                   bool& past_entry) const {
    const auto place = place_of(plan_.sites[index].place);
    const auto found = find_sites({place.name}, table);
    const auto function = table.find(place.name);
    const bool mid = !place.offset && goes_past_entry(plan_.sites[index].probe_type);
    if (mid && found.sites.empty()) {
      return Error{
          Fault::cell, fmt::format("probe {}: {}", place.name, found.refusals.begin()->second), 0, {}};
    }
    if (function == table.end()) {
      return Error{Fault::cell, fmt::format("find {}: not in this kernel", place.name), 0, {}};
    }
    past_entry = past_entry || mid || place.offset.value_or(0) != 0;
    return mid ? found.sites.front().mid : function->second.address + place.offset.value_or(0);
  }

  // ftrace is cheaper, but knows entries only.
  void count_by_set(std::vector<std::size_t> indices) {
    bool past_entry = false;
    const auto addresses = resolve(indices, past_entry);
    if (addresses.empty()) return;
    auto set = attach::ProbeSet::define(*context_.control,
                                        {.mechanism = past_entry ? Mechanism::kprobe : Mechanism::ftrace,
                                         .handler = {{Handler::count}, true},
                                         .addresses = addresses});
    const auto armed = set ? set->arm() : Status(set.error());
    for (std::size_t i = 0; i < indices.size(); ++i) {
      auto& told = told_.sites[indices[i]];
      told.counted_by = past_entry ? "kprobe" : "ftrace";
      if (!armed) refuse(told, armed.error());
    }
    if (!armed) return;
    set_.emplace(std::move(*set));
    for (std::size_t i = 0; i < indices.size(); ++i) add_counter(indices[i], i);
  }

  void add_counter(std::size_t index, std::size_t in_set) {
    const auto probes = set_->probes();
    if (probes && (*probes)[in_set].error != 0) {
      const auto& probe = (*probes)[in_set];
      return refuse(told_.sites[index], {Fault::cell, probe.step + " a probe on " + plan_.sites[index].place,
                                         probe.error, "the kernel does not let this address be probed"});
    }
    counters_.push_back({index, [this, in_set]() -> Result<std::uint64_t> {
                           const auto now = TRY(set_->probes());
                           return now[in_set].hits;
                         }});
  }

  Status run_counted() {
    for (std::uint32_t i = 0; i < plan_.runs; ++i) {
      step("counted", i);
      const auto before = TRY(read_all());
      TRY(work_->run(1));
      const auto after = TRY(read_all());
      for (std::size_t c = 0; c < counters_.size(); ++c) {
        auto& told = told_.sites[counters_[c].site];
        told.hits.push_back(after[c] - before[c]);
        told.status = CellStatus::measured;
      }
    }
    return Done{};
  }

  Result<std::vector<std::uint64_t>> read_all() const {
    std::vector<std::uint64_t> counts;
    for (const auto& counter : counters_) {
      const auto count = TRY(counter.read());
      counts.push_back(count);
    }
    return counts;
  }

  // Bytes that do not come back are a failure of every site.
  void detach() {
    counters_.clear();
    if (!set_) return;
    const auto status = set_->disarm();
    set_.reset();
    if (status) return;
    for (auto& told : told_.sites) refuse(told, status.error());
  }

  const PredictPlan& plan_;
  const ExperimentContext& context_;
  PredictCounts told_;
  std::unique_ptr<workload::Work> work_;
  std::optional<attach::ProbeSet> set_;
  std::vector<Counter> counters_;
};

}  // namespace

bool run_predict(const PredictPlan& plan, const ExperimentContext& context) {
  if (plan.sites.empty()) return true;
  auto counts = Prediction(plan, context).run();
  const bool fine =
      counts.status == CellStatus::measured && std::ranges::none_of(counts.sites, [](const SiteCount& one) {
        return one.status == CellStatus::errored || one.status == CellStatus::invalid;
      });
  context.tell(std::move(counts));
  return fine;
}

}  // namespace probebench::experiment
