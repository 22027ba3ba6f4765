// SPDX-License-Identifier: MIT
#include "text/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace probebench::text {
namespace {

constexpr Unit kEmulated{&Summary::ns_per_hit, "emulated ns/hit",
                         "emulated time, for tests only: says nothing about real hardware",
                         info_of(ClockKind::emulated_time).meaning};

bool all_have(const std::vector<const CellRecord*>& rows, const MetricInfo& metric) {
  return std::ranges::all_of(rows, [&](const CellRecord* row) {
    return row->result.status != CellStatus::measured || (row->summary.*metric.member).has_value();
  });
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)" -> "7.2.22"
std::string version_number(const std::string& text) {
  constexpr std::string_view kBefore = "version ";
  const auto at = text.find(kBefore);
  const auto rest = at == std::string::npos ? text : text.substr(at + kBefore.size());
  return rest.substr(0, rest.find(' '));
}

}  // namespace

Unit unit_for(const TargetInfo& target, const std::vector<const CellRecord*>& rows) {
  if (target.clock == ClockKind::emulated_time) return kEmulated;
  const auto leads = counts_instructions(target.clock) ? Leads::counted : Leads::timed;
  const MetricInfo* chosen = nullptr;
  for (const auto& metric : kMetrics) {
    if (metric.leads != leads) continue;
    chosen = &metric;
    if (all_have(rows, metric)) break;
  }
  return {chosen->member, chosen->unit, chosen->meaning, {}};
}

std::string machine_and_unit(const TargetInfo& target, const Unit& unit) {
  if (target.kind == "native") {
    return fmt::format("native, {}, Linux {}: {}", target.fact("cpu.model", "CPU ?"),
                       target.fact("kernel.release", "?"), unit.meaning);
  }
  return fmt::format("{}, QEMU {} {}, Linux {}: {}", target.kind,
                     version_number(target.fact("qemu.version", "?")), upper(target.accel),
                     target.fact("kernel.release", "?"), unit.meaning);
}

}  // namespace probebench::text
