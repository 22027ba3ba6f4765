// SPDX-License-Identifier: MIT
// Names as typed -> entries of the tables of probe types and handlers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arch.h"
#include "model/handler.h"
#include "model/probe_type.h"
#include "model/workload.h"

namespace probebench::plan {

// "did you mean": the known names nearest to what was typed.

// Levenshtein distance: insertions, deletions and replacements of one character.
std::size_t edit_distance(std::string_view a, std::string_view b);

// At most three known names that resemble `typed`, nearest first; none when nothing does.
std::vector<std::string_view> nearest_names(std::string_view typed, std::span<const std::string_view> known);

// "did you mean kprobe-optimized?", or `otherwise` when nothing resembles `typed`.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view otherwise);

// The workloads that are one operation: all but the user's own command.
std::vector<std::string_view> operation_names();
std::optional<WorkloadId> operation_from_name(std::string_view name);

inline constexpr std::uint32_t kMaxThreads = 1024;

// Another spelling of exactly one probe type.
struct ProbeTypeAlias {
  std::string_view name;
  ProbeType probe_type;
};

// "optprobe" is the kernel's own word (CONFIG_OPTPROBES) for a kprobe that became a jump.
inline constexpr ProbeTypeAlias kProbeTypeAliases[] = {
    {"optprobe", ProbeType::kprobe_optimized},
    {"kprobe-jmp", ProbeType::kprobe_optimized},
};

// Whether the probe type belongs to the group; every type but those among all functions belongs to "all".
bool in_group(const ProbeTypeInfo& info, std::string_view group);

// Comma-separated names of types, groups and aliases -> types in table order, each once. A name that is both
// a group and a type ("ftrace") means the group, so that nothing of the family is silently absent.
Result<std::vector<ProbeType>> select_probe_types(std::string_view list);

// Comma-separated names ("delay:500" has an argument), or "all", which leaves out what needs an argument ->
// handlers in table order, each once.
Result<std::vector<HandlerChoice>> select_handlers(std::string_view list);

// Comma-separated numbers of threads -> in ascending order, each once.
Result<std::vector<std::uint32_t>> select_threads(std::string_view list);

// Comma-separated names of architectures, in that order, none twice.
Result<std::vector<ArchId>> select_archs(std::string_view list);

}  // namespace probebench::plan
