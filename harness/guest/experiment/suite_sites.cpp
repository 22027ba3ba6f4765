// SPDX-License-Identifier: MIT
#include "experiment/suite_sites.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "kernel/arch.h"
#include "kernel/kernel_text.h"

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

}  // namespace probebench::experiment
