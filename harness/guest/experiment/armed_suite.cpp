// SPDX-License-Identifier: MIT
#include "experiment/armed_suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "attach/bpf_program.h"
#include "attach/fentry_set.h"
#include "attach/probe_set.h"
#include "kernel/setting.h"
#include "verify/x86/classify.h"

namespace probebench::experiment {
namespace {

// Which of the model's mechanisms a set is made of, and what the optimization switch must say.
struct SetForm {
  Mechanism mechanism;
  Optimization optimization;
};

SetForm form_of(SuiteMechanism mechanism) {
  switch (mechanism) {
    case SuiteMechanism::stepped:
      return {Mechanism::kprobe_post, Optimization::any};
    case SuiteMechanism::unoptimized:
      return {Mechanism::kprobe, Optimization::off};
    case SuiteMechanism::optimized:
      return {Mechanism::kprobe, Optimization::on};
    default:
      return {Mechanism::ftrace, Optimization::any};
  }
}

std::string refusal_of(const attach::SetProbe& probe) {
  return fmt::format("{}: {}", probe.step, std::strerror(probe.error));
}

// Adds a site's hits to those of its state.
void add_hits(std::vector<StateHits>& states, const ArmedSite& site, std::uint64_t hits) {
  auto at = std::ranges::find_if(
      states, [&](const StateHits& one) { return one.state == site.state && one.prepared == site.prepared; });
  if (at == states.end()) at = states.insert(at, {site.state, site.prepared, 0, 0});
  ++at->sites;
  at->hits_per_op += static_cast<double>(hits);
}

// kprobes and ftrace, by the helper module.
class SetSuite : public ArmedSuite {
 public:
  static Result<std::unique_ptr<ArmedSuite>> arm(const kernel::Control& control, SuiteMechanism mechanism,
                                                 const SuiteSites& sites) {
    const auto form = form_of(mechanism);
    auto setting = kernel::set_optimization(form.optimization);
    if (!setting) return setting.error();
    auto set = attach::ProbeSet::define(
        control, {.mechanism = form.mechanism, .addresses = sites.addresses(info_of(mechanism).past_entry)});
    if (!set) return set.error();
    std::unique_ptr<SetSuite> suite(new SetSuite(std::move(*setting), std::move(*set)));
    if (auto status = suite->begin(sites); !status) return status.error();
    return std::unique_ptr<ArmedSuite>(std::move(suite));
  }

  const std::vector<ArmedSite>& sites() const override { return sites_; }
  const std::map<std::string, std::string>& refusals() const override { return refusals_; }

  Result<SuiteHits> count(const std::function<Status()>& operations) override {
    if (auto status = set_.use_handler({{Handler::count}, true}); !status) return status.error();
    const auto each_before = set_.probes();
    if (!each_before) return each_before.error();
    const auto before = set_.totals();
    if (!before) return before.error();
    if (auto status = operations(); !status) return status.error();
    const auto after = set_.totals();
    if (!after) return after.error();
    const auto each_after = set_.probes();
    if (!each_after) return each_after.error();
    SuiteHits counted;
    counted.hits = {after->tallied - before->tallied, after->hits - before->hits, 0};
    share_out(*each_before, *each_after, counted);
    return counted;
  }

  Status use(HandlerChoice handler) override { return set_.use_handler({handler, false}); }

  Result<std::uint64_t> missed() override {
    const auto totals = set_.totals();
    if (!totals) return totals.error();
    return totals->missed;
  }

  std::string missed_at() override {
    std::string names;
    const auto probes = set_.probes();
    for (std::size_t i = 0; probes && i < sites_.size(); ++i) {
      if ((*probes)[indices_[i]].missed != 0) names += " " + sites_[i].function;
    }
    return names;
  }

  Status disarm() override {
    auto status = set_.disarm();
    return status ? set_.clear() : status;
  }

 private:
  SetSuite(kernel::ScopedSetting setting, attach::ProbeSet set)
      : setting_(std::move(setting)), set_(std::move(set)) {}

  Status begin(const SuiteSites& sites) {
    if (auto status = set_.arm(); !status) return status;
    if (auto status = set_.wait_until_settled(); !status) return status;
    const auto probes = set_.probes();
    if (!probes) return probes.error();
    for (std::size_t i = 0; i < probes->size(); ++i) {
      if (auto status = look_at(i, (*probes)[i], sites.sites[i]); !status) return status;
    }
    return Done{};
  }

  Status look_at(std::size_t index, const attach::SetProbe& probe, const SuiteSite& site) {
    if (probe.error != 0) {
      refusals_.emplace(site.function, refusal_of(probe));
      return Done{};
    }
    const auto evidence = set_.look(index, probe);
    if (!evidence) return evidence.error();
    sites_.push_back({site.function, site.obstacle, verify::classify(*evidence), probe.prepared});
    indices_.push_back(index);
    return Done{};
  }

  // Reading every probe hits some of them as well (page faults), so of that only the shares are taken.
  void share_out(const std::vector<attach::SetProbe>& before, const std::vector<attach::SetProbe>& after,
                 SuiteHits& counted) {
    double sum = 0;
    for (std::size_t i = 0; i < sites_.size(); ++i) {
      const auto at = indices_[i];
      const auto hits = after[at].hits - before[at].hits;
      sum += static_cast<double>(hits);
      add_hits(counted.states, sites_[i], hits);
    }
    if (sum == 0) return;
    for (auto& state : counted.states) state.hits_per_op *= static_cast<double>(counted.hits.expected) / sum;
  }

  kernel::ScopedSetting setting_;  // goes after the set
  attach::ProbeSet set_;
  std::vector<ArmedSite> sites_;
  std::vector<std::size_t> indices_;  // of the sites, in the set
  std::map<std::string, std::string> refusals_;
};

// Trampolines that end in a BPF program. Its own map and the kernel's count of its runs are the two counts.
class FentrySuite : public ArmedSuite {
 public:
  static Result<std::unique_ptr<ArmedSuite>> arm(const SuiteSites& sites) {
    std::unique_ptr<FentrySuite> suite(new FentrySuite(sites.functions()));
    if (auto status = suite->use({Handler::count}); !status) return status.error();
    for (const auto& site : sites.sites) {
      if (suite->refusals().contains(site.function)) continue;
      suite->sites_.push_back({site.function, {}, ProbeState::ftrace, false});
    }
    return std::unique_ptr<ArmedSuite>(std::move(suite));
  }

  const std::vector<ArmedSite>& sites() const override { return sites_; }
  const std::map<std::string, std::string>& refusals() const override { return set_->refusals(); }

  Result<SuiteHits> count(const std::function<Status()>& operations) override {
    if (auto status = use({Handler::count}); !status) return status.error();
    const auto statistics = attach::enable_bpf_run_statistics();
    if (!statistics) return statistics.error();
    const auto before = both_counts();
    if (!before) return before.error();
    if (auto status = operations(); !status) return status.error();
    const auto after = both_counts();
    if (!after) return after.error();
    SuiteHits counted;
    counted.hits = {after->expected - before->expected, after->counted - before->counted, 0};
    counted.states.push_back({ProbeState::ftrace, false, static_cast<std::uint32_t>(sites_.size()),
                              static_cast<double>(counted.hits.expected)});
    return counted;
  }

  Status use(HandlerChoice handler) override {
    if (set_ && handler == handler_) return Done{};
    set_.reset();
    auto set = attach::FentrySet::attach(functions_, handler);
    if (!set) return set.error();
    set_.emplace(std::move(*set));
    handler_ = handler;
    return Done{};
  }

  Result<std::uint64_t> missed() override { return set_->missed(); }
  std::string missed_at() override { return " (a BPF program)"; }

  Status disarm() override {
    set_.reset();
    return Done{};
  }

 private:
  explicit FentrySuite(std::vector<std::string> functions) : functions_(std::move(functions)) {}

  Result<HitCount> both_counts() const {
    const auto runs = set_->runs();
    if (!runs) return runs.error();
    const auto hits = set_->hits();
    if (!hits) return hits.error();
    return HitCount{*runs, *hits, 0};
  }

  std::vector<std::string> functions_;
  std::vector<ArmedSite> sites_;
  std::optional<attach::FentrySet> set_;
  HandlerChoice handler_;
};

}  // namespace

Result<std::unique_ptr<ArmedSuite>> arm_suite(const kernel::Control& control, SuiteMechanism mechanism,
                                              const SuiteSites& sites) {
  if (sites.sites.empty()) return Error{Fault::unsupported, "none of the functions is in this kernel", 0, {}};
  if (mechanism == SuiteMechanism::fentry) return FentrySuite::arm(sites);
  return SetSuite::arm(control, mechanism, sites);
}

}  // namespace probebench::experiment
