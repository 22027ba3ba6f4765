// SPDX-License-Identifier: MIT
#include "experiment/armed_suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "attach/bpf_program.h"
#include "attach/fentry_set.h"
#include "attach/probe_set.h"
#include "experiment/one_moment.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/put_back.h"
#include "verify/classify.h"

namespace probebench::experiment {
namespace {

// Larger functions are decoded that far: what matters of them is near the beginning.
constexpr std::uint64_t kMostText = 32768;

// The kernel refuses what it knows to be deadly (its kprobe blacklist); these are what a hit or the patching
// of text passes without being on that list.
constexpr std::array<std::string_view, 30> kProbePath{
    "asm_exc_",   "exc_",        "do_int3",      "error_",        "kprobe",          "__kprobe",
    "aggr_",      "opt_",        "optimize",     "optimized_",    "arch_kprobe",     "setup_singlestep",
    "text_poke",  "__text_poke", "poke_int3",    "smp_text_poke", "ftrace_",         "arch_ftrace",
    "bpf_trampo", "__bpf_prog",  "rethook",      "trampoline_",   "notify_die",      "atomic_notifier",
    "irqentry_",  "search_exc",  "kernel_text_", "__kernel_text", "rcu_is_watching", "rcu_nmi_"};

SuiteSite site_in(const std::string& name, const kernel::KernelFunction& function,
                  verify::AddressRange thunks, std::string& refusal) {
  const auto size = static_cast<std::size_t>(std::min(function.size, kMostText));
  const auto text = kernel::read_kernel_text(function.address, size);
  if (!text) {
    refusal = text.error().message();
    return {};
  }
  auto choice = verify::choose_mid_site(*text, function.address, thunks);
  refusal = choice.refusal;
  return {name, function.address, choice.address.value_or(0), std::move(choice.obstacle)};
}

verify::AddressRange thunks_of(const kernel::FunctionTable& table) {
  const auto begin = table.find(kernel::kThunksBegin);
  const auto end = table.find(kernel::kThunksEnd);
  if (begin == table.end() || end == table.end()) return {};
  return {begin->second.address, end->second.address};
}

std::string why_not(const std::string& name, const kernel::FunctionTable& table) {
  if (auto refusal = probe_path_refusal(name); !refusal.empty()) return refusal;
  const auto function = table.find(name);
  if (function == table.end()) return "not in this kernel";
  if (function->second.namesakes > 1) return "several functions have this name";
  return {};
}

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
    auto setting = TRY(kernel::set_optimization(form.optimization));
    auto set = TRY(attach::ProbeSet::define(
        control, {.mechanism = form.mechanism, .addresses = sites.addresses(info_of(mechanism).past_entry)}));
    std::unique_ptr<SetSuite> suite(new SetSuite(std::move(setting), std::move(set)));
    TRY(suite->begin(sites));
    return std::unique_ptr<ArmedSuite>(std::move(suite));
  }

  const std::vector<ArmedSite>& sites() const override { return sites_; }
  const std::map<std::string, std::string>& refusals() const override { return refusals_; }

  Result<SuiteHits> count(const std::function<Status()>& operations) override {
    TRY(set_.use_handler({{Handler::count}, true}));
    const auto each_before = TRY(set_.probes());
    const auto before = TRY(set_.totals());
    TRY(operations());
    const auto after = TRY(set_.totals());
    const auto each_after = TRY(set_.probes());
    SuiteHits counted;
    counted.hits = {after.tallied - before.tallied, after.hits - before.hits, 0};
    share_out(each_before, each_after, counted);
    return counted;
  }

  Status use(HandlerChoice handler) override { return set_.use_handler({handler, false}); }

  Result<std::uint64_t> missed() override { return TRY(set_.totals()).missed; }

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
    TRY(set_.arm());
    TRY(set_.wait_until_settled());
    const auto probes = TRY(set_.probes());
    for (std::size_t i = 0; i < probes.size(); ++i) {
      TRY(look_at(i, probes[i], sites.sites[i]));
    }
    return Done{};
  }

  Status look_at(std::size_t index, const attach::SetProbe& probe, const SuiteSite& site) {
    if (probe.error != 0) {
      refusals_.emplace(site.function, refusal_of(probe));
      return Done{};
    }
    const auto evidence = TRY(set_.look(index, probe));
    sites_.push_back({site.function, site.obstacle, verify::classify(evidence), probe.prepared});
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
      if (hits != 0) {
        counted.by_site.push_back(
            {sites_[i].function, sites_[i].state, sites_[i].prepared, static_cast<double>(hits)});
      }
    }
    if (sum == 0) return;
    const double share = static_cast<double>(counted.hits.expected) / sum;
    for (auto& state : counted.states) state.hits_per_op *= share;
    for (auto& site : counted.by_site) site.hits_per_op *= share;
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
    TRY(suite->use({Handler::count}));
    for (const auto& site : sites.sites) {
      if (suite->refusals().contains(site.function)) continue;
      suite->sites_.push_back({site.function, {}, ProbeState::ftrace, false});
    }
    return std::unique_ptr<ArmedSuite>(std::move(suite));
  }

  const std::vector<ArmedSite>& sites() const override { return sites_; }
  const std::map<std::string, std::string>& refusals() const override { return set_->refusals(); }

  Result<SuiteHits> count(const std::function<Status()>& operations) override {
    TRY(use({Handler::count}));
    const auto statistics = TRY(attach::enable_bpf_run_statistics());
    const auto before = TRY(both_counts());
    TRY(operations());
    const auto after = TRY(both_counts());
    SuiteHits counted;
    counted.hits = {after.expected - before.expected, after.counted - before.counted, 0};
    counted.states.push_back({ProbeState::ftrace, false, static_cast<std::uint32_t>(sites_.size()),
                              static_cast<double>(counted.hits.expected)});
    return counted;
  }

  Status use(HandlerChoice handler) override {
    if (set_ && handler == handler_) return Done{};
    set_.reset();
    auto set = TRY(attach::FentrySet::attach(functions_, handler));
    set_.emplace(std::move(set));
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
    return counts_of_one_moment([this] { return set_->runs(); }, [this] { return set_->hits(); });
  }

  std::vector<std::string> functions_;
  std::vector<ArmedSite> sites_;
  std::optional<attach::FentrySet> set_;
  HandlerChoice handler_;
};

}  // namespace

std::string probe_path_refusal(const std::string& function) {
  const bool on_path =
      std::ranges::any_of(kProbePath, [&](std::string_view prefix) { return function.starts_with(prefix); });
  return on_path ? "on the path of a hit itself" : "";
}

std::set<std::string> symbols_wanted(const std::vector<std::string>& functions) {
  std::set<std::string> wanted(functions.begin(), functions.end());
  wanted.insert({kernel::kThunksBegin, kernel::kThunksEnd});
  return wanted;
}

SuiteSites find_sites(const std::vector<std::string>& functions, const kernel::FunctionTable& table) {
  SuiteSites found;
  const auto thunks = thunks_of(table);
  for (const auto& name : functions) {
    auto refusal = why_not(name, table);
    SuiteSite site;
    if (refusal.empty()) site = site_in(name, table.at(name), thunks, refusal);
    if (refusal.empty()) {
      found.sites.push_back(std::move(site));
    } else {
      found.refusals.emplace(name, std::move(refusal));
    }
  }
  return found;
}

std::vector<std::string> SuiteSites::functions() const {
  std::vector<std::string> names;
  for (const auto& site : sites) names.push_back(site.function);
  return names;
}

std::vector<std::uint64_t> SuiteSites::addresses(bool past_entry) const {
  std::vector<std::uint64_t> addresses;
  for (const auto& site : sites) addresses.push_back(past_entry ? site.mid : site.entry);
  return addresses;
}

SuiteSites SuiteSites::without(const std::vector<std::string>& left_out) const {
  SuiteSites kept{sites, {}};
  std::erase_if(kept.sites, [&](const SuiteSite& site) {
    return std::ranges::find(left_out, site.function) != left_out.end();
  });
  return kept;
}

Result<std::unique_ptr<ArmedSuite>> arm_suite(const kernel::Control& control, SuiteMechanism mechanism,
                                              const SuiteSites& sites) {
  if (sites.sites.empty()) return Error{Fault::unsupported, "none of the functions is in this kernel", 0, {}};
  if (mechanism == SuiteMechanism::fentry) return FentrySuite::arm(sites);
  return SetSuite::arm(control, mechanism, sites);
}

}  // namespace probebench::experiment
