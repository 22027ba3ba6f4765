// SPDX-License-Identifier: MIT
#include "wire/sample_json.h"

namespace probebench::wire {
namespace {

Json json_of_count(std::uint64_t count) {
  return count;
}

void fill(std::array<std::uint8_t, 8>& bytes, const Json& value) {
  const Bytes read = bytes_from(value);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = read.at(i);
}

void read_flags(Evidence& evidence, const Json& value) {
  value.at("emulated").get_to(evidence.emulated);
  value.at("boostable").get_to(evidence.boostable);
  value.at("optimized").get_to(evidence.optimized_flag);
  value.at("ftrace").get_to(evidence.ftrace_flag);
  value.at("prepared").get_to(evidence.prepared);
  value.at("breakpoint").get_to(evidence.breakpoint);
  evidence.in_own_list = value.value("in_own_list", false);  // files of earlier versions lack it
}

Json json_of_flags(const Evidence& evidence) {
  return {{"emulated", evidence.emulated},        {"boostable", evidence.boostable},
          {"optimized", evidence.optimized_flag}, {"ftrace", evidence.ftrace_flag},
          {"prepared", evidence.prepared},        {"breakpoint", evidence.breakpoint},
          {"in_own_list", evidence.in_own_list}};
}

Json json_of_addresses(const Evidence& evidence) {
  return {{"site", json_of_address(evidence.site_address)},
          {"slot", json_of_address(evidence.slot_address)},
          {"detour", json_of_address(evidence.detour_address)}};
}

Json json_of_thread(const ThreadHits& thread) {
  return {{"cpu", thread.cpu}, {"hits", json_of_optional(thread.hits, json_of_count)}};
}

ThreadHits thread_from(const Json& value) {
  return {whole_from<std::uint32_t>(value.at("cpu")),
          optional_from(value.at("hits"), whole_from<std::uint64_t>)};
}

Json json_of_threads(const std::vector<ThreadHits>& threads) {
  Json json = Json::array();
  for (const auto& thread : threads) json.push_back(json_of_thread(thread));
  return json;
}

// Files of earlier versions of the program lack it.
std::optional<double> core_clock_from(const Json& round) {
  const auto found = round.find("ticks_per_core_clock");
  if (found == round.end() || found->is_null()) return std::nullopt;
  return found->get<double>();
}

}  // namespace

Json json_of_window(const Window& window) {
  return {{"calls", window.calls},
          {"ticks", window.ticks},
          {"cycles", json_of_optional(window.cycles, json_of_count)},
          {"instructions", json_of_optional(window.instructions, json_of_count)},
          {"hits", window.hits},
          {"hits_elsewhere", window.hits_elsewhere},
          {"missed", window.missed},
          {"cpu", window.cpu},
          {"by_thread", json_of_threads(window.by_thread)},
          {"overrun", window.overrun},
          {"context_switches", window.context_switches},
          {"migrated", window.migrated},
          {"interrupted", window.interrupted},
          {"site_before", json_of_bytes(window.site_before)},
          {"site_after", json_of_bytes(window.site_after)}};
}

Window window_from(const Json& value) {
  Window window;
  read_whole(value, "calls", window.calls);
  read_whole(value, "ticks", window.ticks);
  window.cycles = optional_from(value.at("cycles"), whole_from<std::uint64_t>);
  window.instructions = optional_from(value.at("instructions"), whole_from<std::uint64_t>);
  read_whole(value, "hits", window.hits);
  read_whole(value, "hits_elsewhere", window.hits_elsewhere);
  read_whole(value, "missed", window.missed);
  read_whole(value, "cpu", window.cpu);
  for (const auto& thread : value.at("by_thread")) window.by_thread.push_back(thread_from(thread));
  value.at("overrun").get_to(window.overrun);
  read_whole(value, "context_switches", window.context_switches);
  value.at("migrated").get_to(window.migrated);
  value.at("interrupted").get_to(window.interrupted);
  fill(window.site_before, value.at("site_before"));
  fill(window.site_after, value.at("site_after"));
  return window;
}

Json json_of_pair(const WindowPair& pair) {
  return {{"n", json_of_window(pair.n)}, {"twice_n", json_of_window(pair.twice_n)}};
}

WindowPair pair_from(const Json& value) {
  return {window_from(value.at("n")), window_from(value.at("twice_n"))};
}

Json json_of_round(const Round& round) {
  return {{"baseline_first", round.baseline_first},
          {"baseline", json_of_pair(round.baseline)},
          {"armed", json_of_pair(round.armed)},
          {"verify", json_of_optional(round.verify, json_of_pair)},
          {"ticks_per_core_clock", json_of_optional(round.ticks_per_core_clock, json_of_number)}};
}

Round round_from(const Json& value) {
  return {.baseline_first = value.at("baseline_first").get<bool>(),
          .baseline = pair_from(value.at("baseline")),
          .armed = pair_from(value.at("armed")),
          .verify = optional_from(value.at("verify"), pair_from),
          .ticks_per_core_clock = core_clock_from(value)};
}

Json json_of_evidence(const Evidence& evidence) {
  return {{"state", name_of(evidence.state)},
          {"decoded", json_of_text(evidence.decoded)},
          {"before", json_of_bytes(evidence.before)},
          {"armed", json_of_bytes(evidence.armed)},
          {"after", json_of_bytes(evidence.after)},
          {"slot", json_of_bytes(evidence.slot)},
          {"detour", json_of_bytes(evidence.detour)},
          {"kernel_flags", json_of_text(evidence.kernel_flags)},
          {"link", json_of_text(evidence.link)},
          {"flags", json_of_flags(evidence)},
          {"addresses", json_of_addresses(evidence)},
          {"slots_held", evidence.slots_held},
          {"missed", evidence.missed}};
}

Evidence evidence_from(const Json& value) {
  Evidence evidence;
  evidence.state = id_from(kProbeStates, value.at("state"));
  evidence.decoded = text_from(value.at("decoded"));
  evidence.before = bytes_from(value.at("before"));
  evidence.armed = bytes_from(value.at("armed"));
  evidence.after = bytes_from(value.at("after"));
  evidence.slot = bytes_from(value.at("slot"));
  evidence.detour = bytes_from(value.at("detour"));
  evidence.kernel_flags = text_from(value.at("kernel_flags"));
  evidence.link = text_from(value.at("link"));
  read_flags(evidence, value.at("flags"));
  if (value.contains("slots_held")) read_whole(value, "slots_held", evidence.slots_held);
  read_whole(value, "missed", evidence.missed);
  const Json& addresses = value.at("addresses");
  evidence.site_address = address_from(addresses.at("site"));
  evidence.slot_address = address_from(addresses.at("slot"));
  evidence.detour_address = address_from(addresses.at("detour"));
  return evidence;
}

}  // namespace probebench::wire
