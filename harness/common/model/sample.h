// SPDX-License-Identifier: MIT
// Raw measurements. They are kept: a summary can be computed again, a sample cannot.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/arch.h"
#include "model/cell.h"
#include "model/probe_state.h"

namespace probebench::inline model {

struct HitCount {
  std::uint64_t expected = 0;
  std::uint64_t counted = 0;
  std::uint64_t missed = 0;  // the kernel's own count

  bool equal() const { return counted == expected && missed == 0; }
  bool operator==(const HitCount&) const = default;
};

// Loops of a cell that ran between the marker instructions (kmod/pb_marker.h). The path plugin records loops
// in the order of their execution and identifies them by number; the first since the start is 1.
struct MarkedLoops {
  std::uint32_t twin = 0;
  std::uint32_t site = 0;
  std::uint32_t calls = 0;  // in each of them
  std::string symbols;      // lines of /proc/kallsyms that are there only while the probe is attached

  bool operator==(const MarkedLoops&) const = default;
};

using Bytes = std::vector<std::uint8_t>;

// One of several threads that made calls at the same time.
struct ThreadHits {
  std::uint32_t cpu = 0;              // kept on it
  std::optional<std::uint64_t> hits;  // absent where the kernel has one sum for all CPUs

  bool operator==(const ThreadHits&) const = default;
};

// One timed window of the measured loop (struct pb_window in kmod/pb_abi.h).
struct Window {
  std::uint32_t calls = 0;              // of each thread
  std::uint64_t ticks = 0;              // TSC ticks, from the first thread's begin to the last one's end
  std::optional<std::uint64_t> cycles;  // core cycles, from the PMU
  std::optional<std::uint64_t> instructions;  // retired instructions, from the PMU
  std::uint64_t hits = 0;                     // counted on `cpu` or by_thread; 0: the handler does not count
  std::uint64_t hits_elsewhere = 0;           // counted on other CPUs meanwhile
  std::uint64_t missed = 0;                   // growth of the kernel's own miss count
  std::uint32_t cpu = 0;                      // of the first thread
  std::vector<ThreadHits> by_thread;          // empty: one thread, on `cpu`
  bool overrun = false;                       // interrupts were off longer than allowed
  std::uint32_t context_switches = 0;         // of the thread that made the calls; a loop in user space only
  bool migrated = false;                      // it began and ended on different CPUs
  bool interrupted = false;                   // the timer interrupt came in, where it is not kept out
  std::array<std::uint8_t, 8> site_before{};  // text at the site, just before and just after the loop
  std::array<std::uint8_t, 8> site_after{};

  std::uint32_t threads() const {
    return by_thread.empty() ? 1 : static_cast<std::uint32_t>(by_thread.size());
  }
  std::uint64_t all_calls() const { return std::uint64_t{calls} * threads(); }
  bool disturbed() const { return context_switches != 0 || migrated || interrupted; }

  bool operator==(const Window&) const = default;
};

// N and 2N calls of one subject; the slope (T(2N) - T(N)) / N is free of fixed costs.
struct WindowPair {
  Window n;
  Window twice_n;

  bool operator==(const WindowPair&) const = default;
};

// A paired round. `verify` repeats the armed windows with the counting handler when the handler under
// test does not count; its hits stand for the round.
struct Round {
  bool baseline_first = true;
  WindowPair baseline;
  WindowPair armed;
  std::optional<WindowPair> verify;
  // Of one calling thread, between the windows, where the clock is time; see guest/kernel/core_clock.h.
  std::optional<double> ticks_per_core_clock = {};

  // The windows whose hits are counted.
  const WindowPair& counted() const { return verify ? *verify : armed; }

  bool operator==(const Round&) const = default;
};

// The other functions that had a probe, one that does nothing.
struct Crowd {
  std::uint32_t functions = 0;
  std::uint64_t attach_ticks = 0;  // what attaching to all of them took

  bool operator==(const Crowd&) const = default;
};

struct Evidence {
  ArchId arch = kOwnArch;  // whose instructions the bytes are
  Bytes before;            // at the site, nothing attached
  Bytes armed;             // while attached
  Bytes after;             // detached again
  Bytes slot;              // out-of-line copy a probe that traps continues in; empty: none
  Bytes detour;            // detour buffer of an optimized probe; empty: none
  std::uint64_t site_address = 0;
  std::uint64_t slot_address = 0;
  std::uint64_t detour_address = 0;
  bool emulated = false;        // the kernel emulates the instruction
  bool boostable = false;       // the kernel marked the slot as one that jumps back
  bool optimized_flag = false;  // KPROBE_FLAG_OPTIMIZED
  bool ftrace_flag = false;     // KPROBE_FLAG_FTRACE
  bool prepared = false;        // a detour buffer exists
  bool breakpoint = false;      // a debug register of the measuring CPU holds the site
  bool in_own_list = false;  // it steps, and the second trap is looked up in the site's own list of kprobes
  std::uint32_t slots_held = 0;  // slots that were held, for the probe to get one out of that list
  std::optional<Crowd> crowd;    // of types among all functions
  std::uint64_t missed = 0;      // the kernel's own miss count, 0 where it has none
  ProbeState state = ProbeState::unknown;
  std::string kernel_flags;  // line of kprobes/list or enabled_functions, as the kernel prints it
  std::string link;          // of a BPF program: link and program as the kernel describes them
  std::string decoded;       // disassembly of `armed`, filled in on the host

  bool operator==(const Evidence&) const = default;
};

enum class CellStatus { measured, skipped, errored, invalid };

inline constexpr std::array<std::string_view, 4> kCellStatusNames{"measured", "skipped", "errored",
                                                                  "invalid"};

constexpr std::string_view name_of(CellStatus status) {
  return kCellStatusNames[static_cast<size_t>(status)];
}

// What a probe of the user's was made of.
struct ArmedSource {
  std::string sha256;  // of the object, the module or its source; of a command's words and program; of lines
  std::map<std::string, std::string> versions = {};  // of what armed it

  bool operator==(const ArmedSource&) const = default;
};

// Everything one cell produced inside the target.
struct CellResult {
  Cell cell;
  CellStatus status = CellStatus::errored;
  std::string reason;       // empty when measured
  std::string step;         // the step that failed, when errored
  int err = 0;              // its errno
  std::string capability;   // the lacking one, when skipped
  std::string provided_by;  // what would provide it, when skipped
  Evidence evidence;
  std::optional<Window> cold_hit;         // first call after attaching
  std::optional<Window> cold_baseline;    // one call of the twin
  std::optional<WindowPair> rest_before;  // the site itself, before attaching
  std::optional<WindowPair> rest_after;   // the site itself, after detaching
  std::vector<Round> rounds;
  // Of an external cell: its probe may be several, whose hits are counted in windows of their own.
  std::optional<ArmedSource> armed = {};
  std::optional<HitCount> hits = {};

  bool operator==(const CellResult&) const = default;
};

}  // namespace probebench::inline model
