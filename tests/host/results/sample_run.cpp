// SPDX-License-Identifier: MIT
#include "sample_run.h"

#include "results/fingerprint.h"
#include "stats/summarise.h"

namespace probebench::results {
namespace {

Window window(std::uint32_t calls, std::uint64_t per_call, bool counted) {
  Window made;
  made.calls = calls;
  made.ticks = calls * per_call + 7;
  made.hits = counted ? calls : 0;
  made.site_before = {0xe9, 0x62, 0x31, 0x01, 0x00, 0xc0, 0x01, 0xc3};
  made.site_after = made.site_before;
  return made;
}

WindowPair pair(std::uint64_t per_call, bool counted) {
  return {window(1000, per_call, counted), window(2000, per_call, counted)};
}

Round round_of(std::uint64_t armed) {
  return {.baseline_first = armed % 2 == 0,
          .baseline = pair(12, false),
          .armed = pair(armed, false),
          .verify = pair(armed + 4, true)};
}

Evidence optimized_evidence() {
  Evidence evidence;
  evidence.before = {0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x01, 0xc3};
  evidence.armed = {0xe9, 0x62, 0x31, 0x01, 0x00, 0xc0, 0x01, 0xc3};
  evidence.after = evidence.before;
  evidence.slot = {0x48, 0x89, 0xf8, 0xcc};
  evidence.detour = {0x54, 0x9c, 0xe9, 0, 0, 0, 0};
  evidence.site_address = 0xffffffffc0201010;
  evidence.slot_address = 0xffffffffc0300000;
  evidence.detour_address = 0xffffffffc0214177;
  evidence.boostable = true;
  evidence.optimized_flag = true;
  evidence.prepared = true;
  evidence.state = ProbeState::optimized;
  evidence.kernel_flags = "ffffffffc0201010  k  pb_site_mid+0x10  [probebench] [OPTIMIZED]";
  evidence.decoded = "jmp 0xffffffffc0214177";
  return evidence;
}

CellResult measured_cell() {
  CellResult result;
  result.cell = cells_of(ProbeType::kprobe_optimized, Handler::nop).front();
  result.status = CellStatus::measured;
  result.evidence = optimized_evidence();
  result.rounds = std::vector(3, round_of(117));
  result.rounds[1].armed.n.cycles = 250'000;  // one window is enough to see that nothing is lost
  result.rounds[1].armed.n.instructions = 117'009;
  result.cold_hit = window(1, 400, true);
  result.cold_baseline = window(1, 12, false);
  result.rest_before = pair(12, false);
  result.rest_after = pair(12, false);
  return result;
}

CellResult skipped_cell() {
  const auto& lacking = info_of(Capability::int3_boost);
  CellResult result;
  result.cell = cells_of(ProbeType::kprobe_boosted, Handler::nop).front();
  result.status = CellStatus::skipped;
  result.reason = lacking.missing;
  result.capability = lacking.name;
  result.provided_by = lacking.provided_by;
  return result;
}

CellResult errored_cell() {
  CellResult result;
  result.cell = cells_of(ProbeType::fprobe_entry, Handler::count).front();
  result.status = CellStatus::errored;
  result.reason = "attach fprobe-entry: Operation not permitted";
  result.step = "attach";
  result.err = 1;
  return result;
}

CellResult invalid_cell() {
  CellResult result = measured_cell();
  result.cell = cells_of(ProbeType::kprobe_stepped, Handler::nop).front();
  result.status = CellStatus::invalid;
  result.reason = "the site is optimized, not stepped";
  result.rounds[2].verify->n.missed = 3;
  return result;
}

TargetInfo sample_target() {
  TargetInfo target;
  target.id = "vm-tcg-6.12.117+deb12-cloud-amd64";
  target.kind = "vm";
  target.accel = "tcg";
  target.clock = ClockKind::instructions;
  target.host = {{"qemu.version", "7.2.22"}, {"qemu.cpu_model", "max"}, {"module.sha256", "0123abcd"}};
  target.environment.facts = {{"kernel.release", "6.12.117+deb12-cloud-amd64"},
                              {"kernel.cmdline", "console=ttyS0 tsc=reliable"},
                              {"mitigations.spectre_v2", "Mitigation: Retpolines"}};
  target.environment.capabilities = {Capability::kprobes, Capability::optprobes, Capability::fprobe};
  target.environment.tsc_khz = 1'000'000;
  return target;
}

}  // namespace

RunRecord sample_run() {
  const TargetInfo target = sample_target();
  RunRecord record;
  record.tool.version = "0.1.0";
  record.started = "2024-01-31T12:00:00Z";
  record.command = {"./run-bench", "--probe-type", "all"};
  record.seed = 18'446'744'073'709'551'615U;
  record.targets = {{target, fingerprint(target)}};
  auto& ended = record.targets.front();
  for (const auto& result : {measured_cell(), skipped_cell(), errored_cell(), invalid_cell()}) {
    const auto summary = stats::summarise(result, ClockKind::instructions, target.environment.tsc_khz);
    record.cells.push_back({target.id, result, summary});
  }
  record.ended = ended.ended = "the guest panicked";
  ended.in_flight = cells_of(ProbeType::ftrace, Handler::nop).front().name();
  ended.not_run = {cells_of(ProbeType::tracepoint, Handler::nop).front().name()};
  return record;
}

}  // namespace probebench::results
