// SPDX-License-Identifier: MIT
// Names as typed -> entries of the tables of probe types and handlers.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/handler.h"
#include "model/probe_type.h"

namespace probebench::plan {

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

// Whether the probe type belongs to the group; every type belongs to "all".
bool in_group(const ProbeTypeInfo& info, std::string_view group);

// Comma-separated names of types, groups and aliases -> types in table order, each once. A name that is both
// a group and a type ("ftrace") means the group, so that nothing of the family is silently absent.
Result<std::vector<ProbeType>> select_probe_types(std::string_view list);

// Comma-separated names ("delay:500" has an argument), or "all", which leaves out what needs an argument ->
// handlers in table order, each once.
Result<std::vector<HandlerChoice>> select_handlers(std::string_view list);

// Comma-separated numbers of threads -> in ascending order, each once.
Result<std::vector<std::uint32_t>> select_threads(std::string_view list);

}  // namespace probebench::plan
