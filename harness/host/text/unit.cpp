// SPDX-License-Identifier: MIT
#include "text/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace probebench {
namespace {

constexpr Unit kInstructions{&Summary::instructions_per_hit, "insns/hit",
                             "one insn is one executed guest instruction, not time", ""};
constexpr Unit kCycles{&Summary::cycles_per_hit, "cycles/hit", "core cycles from the hardware counter", ""};
constexpr Unit kNanoseconds{&Summary::ns_per_hit, "ns/hit", "nanoseconds of the TSC", ""};
constexpr Unit kEmulated{&Summary::ns_per_hit, "emulated ns/hit",
                         "emulated time, for tests only: says nothing about real hardware",
                         "emulated time, for tests only"};
constexpr Unit kTicks{&Summary::ticks_per_hit, "ticks/hit", "ticks of a TSC of unknown frequency", ""};

bool all_have(const std::vector<const CellRecord*>& rows, const Unit& unit) {
  return std::ranges::all_of(rows, [&](const CellRecord* row) {
    return row->result.status != CellStatus::measured || (row->summary.*unit.metric).has_value();
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

const Unit& unit_for(const TargetInfo& target, const std::vector<const CellRecord*>& rows) {
  if (target.clock == "instructions") return kInstructions;
  if (target.clock == "emulated-time") return kEmulated;
  if (all_have(rows, kCycles)) return kCycles;
  return all_have(rows, kNanoseconds) ? kNanoseconds : kTicks;
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

}  // namespace probebench
