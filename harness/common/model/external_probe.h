// SPDX-License-Identifier: MIT
// A probe that the user brings: who arms it, and what its cells are called.
#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "model/workload.h"

namespace probebench::inline model {

// Who arms the probe.
enum class ProbeSource { bpf_object, module, tracefs, command };

struct ProbeSourceInfo {
  ProbeSource id;
  std::string_view name;    // in JSON and cell names
  std::string_view option;  // of the command line
  std::string_view summary;
};

inline constexpr auto kProbeSources = std::to_array<ProbeSourceInfo>({
    {ProbeSource::bpf_object, "bpf-object", "--bpf-object", "libbpf loads and attaches it"},
    {ProbeSource::module, "module", "--module", "a kernel module arms it when it is loaded"},
    {ProbeSource::tracefs, "tracefs", "--setup", "lines written to files of tracefs"},
    {ProbeSource::command, "command", "--", "a tool arms it while it runs"},
});

constexpr const ProbeSourceInfo& info_of(ProbeSource source) {
  return kProbeSources[static_cast<std::size_t>(source)];
}

// What stands for a probe type and for a driver in a cell of such a probe.
inline constexpr std::string_view kExternalType = "external";
inline constexpr std::string_view kExternalDriver = "workload";
inline constexpr std::string_view kExternalSummary = "a probe of your own, measured by `cost`";

// A probe in the place of the handler, the workload's operation in that of the site.
struct ExternalProbe {
  ProbeSource source = ProbeSource::bpf_object;
  std::string name;  // of its file or command, without '/'
  WorkloadId workload = WorkloadId::null_syscall;

  // "bpf-object:my.bpf.o"
  std::string handler() const { return std::string(info_of(source).name) + ':' + name; }
  auto operator<=>(const ExternalProbe&) const = default;
};

}  // namespace probebench::inline model
