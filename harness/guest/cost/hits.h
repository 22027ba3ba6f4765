// SPDX-License-Identifier: MIT
// Hits of a user's probe, counted by the kernel in a window of their own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/cost.h"

namespace probebench::cost {

// What the kernel counts while this lives. Reading it opens no file: the probe may sit there.
class HitCounter {
 public:
  virtual ~HitCounter() = default;
  // Since ever; `expected` is left alone.
  virtual Result<std::vector<ProbeHits>> read() = 0;
};

using MadeHitCounter = Result<std::unique_ptr<HitCounter>>;

// Of the BPF programs among what is new in the listings.
MadeHitCounter make_bpf_hits(const std::vector<ListedProbe>& listed);
// Of the trace events, or the tracer, among it.
MadeHitCounter make_event_hits(const std::vector<ListedProbe>& listed);

struct CountedHits {
  std::vector<ProbeHits> hits;
  std::string losses;  // why some records must have been lost; empty: none was
};

// Of a run of a program, that it hits a probe as often as it does is no fault: so many were expected.
void expect_what_was_counted(std::vector<ProbeHits>& hits);

// The hits of `operations` operations: what twice as many have more than as many, so that the reader's own
// hits cancel out. `run` makes so many operations, `drain` returns the records since it was called last.
Result<CountedHits> count_hits(HitCounter& counter, std::uint32_t operations,
                               const std::function<Status(std::uint32_t)>& run,
                               const std::function<Result<std::uint64_t>()>& drain);

// The same from the records of the shorter and of the longer window. Who is not read fast enough is cheaper.
std::string judge_records(std::uint64_t once, std::uint64_t twice, std::uint32_t operations);

// Functions that a module's handler calls several times are no handlers: left out where another was hit once
// by each operation.
void leave_out_helpers(std::vector<ProbeHits>& hits);

// Why the hits do not make a cost; empty: each probe that was hit was so once by each operation.
std::string judge_hits(const std::vector<ProbeHits>& hits);

// The kernel's memory ages a little with each operation, a program's run has interrupts, and time is noisy.
inline constexpr double kBaseShare = 0.001;
inline constexpr double kBaseShareOfRun = 0.02;
inline constexpr double kBaseShareOfTime = 0.05;

// Why an operation is not what it was once everything is disarmed: its figures with nothing armed, before and
// after.
std::string judge_base(const std::vector<double>& before, const std::vector<double>& after,
                       double share = kBaseShare);

// Why the rounds cannot tell what the probe adds; empty: they can.
std::string judge_rounds(const ProbeCost& cost);

// Why one place is armed more often than once; empty: none is.
std::string judge_listing(const std::vector<ListedProbe>& listed);

}  // namespace probebench::cost
