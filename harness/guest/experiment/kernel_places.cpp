// SPDX-License-Identifier: MIT
#include "experiment/kernel_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "attach/trampoline_check.h"
#include "experiment/armed_suite.h"
#include "kernel/arch.h"
#include "kernel/bpf_text.h"
#include "offer/known_names.h"
#include "verify/x86/instructions.h"

namespace probebench::experiment {
namespace {

constexpr std::uint64_t kMostOfAFunction = 32768;

std::string key_of(const PredictSite& site) {
  return site.module.empty() ? site.name : site.module + ":" + site.name;
}

std::string cold_part(const std::string& function) {
  return function + ".cold";
}

Result<kernel::FunctionTable> functions_of(const std::vector<PredictSite>& sites) {
  std::set<std::string> wanted;
  for (const auto& site : sites) {
    if (place_kind(site.probe_type) != PlaceKind::function) continue;
    wanted.insert(key_of(site));
    wanted.insert(cold_part(site.name));
  }
  if (wanted.empty()) return kernel::FunctionTable{};
  wanted.insert({kernel::kThunksBegin, kernel::kThunksEnd});
  return kernel::find_kernel_functions(wanted);
}

Error refusal(std::string why, std::string hint = {}) {
  return {Fault::cell, std::move(why), 0, std::move(hint)};
}

// As it was spelled.
std::string offset_of(const PredictSite& site) {
  return site.place.substr(site.place.rfind('+'));
}

Error no_function(const PredictSite& site) {
  return offer::no_function(site.name, site.module);
}

std::optional<Bytes> text_of(const kernel::KernelFunction& function) {
  const auto size = static_cast<std::size_t>(std::min(function.size, kMostOfAFunction));
  if (auto text = kernel::read_kernel_text(function.address, size)) return *std::move(text);
  if (auto text = kernel::read_kernel_text_by_bpf(function.address, std::min(size, kernel::kMaxTextBytes))) {
    return *std::move(text);
  }
  return std::nullopt;
}

Status check_offset(const PredictSite& site, const kernel::KernelFunction& function, const Bytes& text) {
  const auto offset = site.offset.value_or(0);
  if (offset >= function.size) {
    return refusal(fmt::format("{} is {} bytes long on this kernel", site.name, function.size));
  }
  if (offset >= text.size()) return Done{};  // the kernel itself looks as well
  const auto found = verify::instruction_around(text, static_cast<std::size_t>(offset));
  if (!found) return refusal(fmt::format("no instruction is at {}", offset_of(site)));
  if (found->begin == offset) return Done{};
  return refusal(fmt::format("{} is inside an instruction", offset_of(site)),
                 fmt::format("it begins at +{:#x}", found->begin));
}

}  // namespace

Status check_text(const PredictSite& site, const kernel::KernelFunction& function, const Bytes& text,
                  const kernel::KernelFunction* cold) {
  if (function.size != 0 && site.offset) {
    TRY(check_offset(site, function, text));
  }
  const auto type = info_of(site.probe_type).name;
  if (needs_ftrace(site.probe_type) && !verify::begins_with_ftrace_call(text)) {
    return refusal(fmt::format("{} cannot be there: {} has no ftrace call at its entry", type, site.name));
  }
  const bool whole = function.size != 0 && text.size() == function.size;
  const verify::AddressRange own = cold == nullptr
                                       ? verify::AddressRange{}
                                       : verify::AddressRange{cold->address, cold->address + cold->size};
  if (!needs_return(site.probe_type) || !whole || verify::may_return(text, function.address, own))
    return Done{};
  return refusal(fmt::format("{} never returns, so {} has no hit", site.name, type));
}

KernelPlaces::KernelPlaces(const std::vector<PredictSite>& sites) : table_(functions_of(sites)) {}

const kernel::KernelFunction* KernelPlaces::symbol(const std::string& name) const {
  const auto found = table_->find(name);
  return found == table_->end() ? nullptr : &found->second;
}

Result<KernelPlace> KernelPlaces::find(const PredictSite& site) const {
  if (!table_) return table_.error();
  const auto* function = symbol(key_of(site));
  if (function == nullptr) return no_function(site);
  if (function->namesakes > 1) {
    return refusal(fmt::format("{} functions have this name", function->namesakes),
                   site.module.empty() ? "MODULE:FUNCTION, if they are of different modules" : "");
  }
  if (function->address == 0) return KernelPlace{};
  if (attach::uses_trampoline(site.probe_type)) {
    TRY(attach::check_trampoline(site.probe_type, function->owner, site.name));
  }
  return place_in(site, *function);
}

Result<KernelPlace> KernelPlaces::place_in(const PredictSite& site,
                                           const kernel::KernelFunction& function) const {
  const auto offset = site.offset.value_or(0);
  const bool mid = !site.offset && goes_past_entry(site.probe_type);
  const auto text = text_of(function);
  if (text) {
    TRY(check_text(site, function, *text, symbol(cold_part(site.name))));
  }
  if (!mid) return KernelPlace{function.address + offset, offset != 0};
  if (auto why = probe_path_refusal(site.name); !why.empty()) return refusal(std::move(why));
  if (!text) return refusal("its text cannot be read");
  const auto* begin = symbol(kernel::kThunksBegin);
  const auto* end = symbol(kernel::kThunksEnd);
  const auto thunks = begin != nullptr && end != nullptr ? verify::AddressRange{begin->address, end->address}
                                                         : verify::AddressRange{};
  const auto choice = verify::choose_mid_site(*text, function.address, thunks);
  if (!choice.address) return refusal(choice.refusal);
  return KernelPlace{*choice.address, true};
}

}  // namespace probebench::experiment
