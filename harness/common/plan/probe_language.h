// SPDX-License-Identifier: MIT
// The one language in which a probe is asked for: PROBE:PLACE, where PROBE is a probe type or a tracer's word
// for one, and PLACE is
//
//   FUNCTION                 of the kernel; FUNCTION+OFFSET where the probe may be anywhere in one
//   MODULE:FUNCTION          the module's own; vmlinux is the kernel itself
//   GROUP:EVENT              a trace event
//   FILE:SYMBOL              a function of a program or library; FILE:SYMBOL+OFFSET
//   FILE+OFFSET              an instruction by its offset in the file; FILE:OFFSET is the same
//   FILE:PROVIDER:NAME       a USDT marker
//
// An offset is a whole number, decimal or 0x and hexadecimal. FILE is a path, or the name of a library or
// program without one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/plan.h"

namespace probebench::plan {

// Tracers' words (bpftrace's) for probe types. The others are the names of the types themselves.
struct ProbeWord {
  std::string_view word;
  ProbeType probe_type;
};

inline constexpr ProbeWord kProbeWords[] = {
    {"kprobe", ProbeType::bpf_kprobe}, {"kretprobe", ProbeType::bpf_kretprobe},
    {"k", ProbeType::bpf_kprobe},      {"kr", ProbeType::bpf_kretprobe},
    {"kfunc", ProbeType::fentry},      {"kretfunc", ProbeType::fexit},
    {"t", ProbeType::bpf_tp},          {"u", ProbeType::uprobe},
    {"ur", ProbeType::uretprobe},      {"U", ProbeType::usdt},
};

// A place in a file as it was spelled; where it is, the file tells (place/user_place.h).
struct SpelledPlace {
  std::string file;
  std::string symbol = {};  // empty: the offset is the file's own
  std::optional<std::uint64_t> offset = {};
  std::string provider = {};  // of a USDT marker
  std::string marker = {};

  bool operator==(const SpelledPlace&) const = default;
};

struct AskedProbe {
  std::string text;  // all of it, for messages
  PredictSite site;
  std::optional<SpelledPlace> in_file = {};  // of the types that sit in files, whose site has no points yet
};

// A usage error that says what is wrong, and with which part.
Result<AskedProbe> read_probe(const std::string& text);

// "--probe TEXT: problem; hint", a usage error.
Error bad_probe(std::string_view text, std::string_view problem, std::string hint = {});

}  // namespace probebench::plan
