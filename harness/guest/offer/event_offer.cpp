// SPDX-License-Identifier: MIT
#include "offer/event_offer.h"

#include <string>
#include <string_view>

#include "base/file.h"

namespace probebench {
namespace {

// A file that exists, and holds the text, where the kernel has the capability.
struct Sign {
  Capability capability;
  std::string_view path;
  std::string_view text;
};

constexpr std::array kSigns{
    Sign{Capability::kprobe_events, "sys/kernel/tracing/kprobe_events", ""},
    // The README has the syntax of every kind of dynamic event that this kernel knows.
    Sign{Capability::fprobe_events, "sys/kernel/tracing/README", "f[:["},
    Sign{Capability::function_tracer, "sys/kernel/tracing/available_tracers", "function "},
    Sign{Capability::graph_tracer, "sys/kernel/tracing/available_tracers", "function_graph"},
    Sign{Capability::trace_events, "sys/kernel/tracing/available_events", ""},
    Sign{Capability::perf_kprobes, "sys/bus/event_source/devices/kprobe/type", ""},
    Sign{Capability::perf_breakpoints, "sys/bus/event_source/devices/breakpoint/type", ""},
};

}  // namespace

void add_event_offer(Offer& offer, const fs::path& root) {
  for (const auto& sign : kSigns) {
    const auto content = read_file(root / sign.path);
    if (content && content->find(sign.text) != std::string::npos) {
      offer.capabilities.push_back(sign.capability);
    }
  }
}

}  // namespace probebench
