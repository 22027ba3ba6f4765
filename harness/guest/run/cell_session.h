// SPDX-License-Identifier: MIT
// One cell from attach to verdict: rest windows, attach, wait for the expected state, cold hit, rounds,
// detach, rest windows, judgement. The probe is detached when the session goes, however it goes.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "kernel/put_back.h"
#include "model/cell.h"
#include "model/environment.h"
#include "model/sample.h"
#include "offer/offer.h"
#include "run/rig.h"
#include "run/rounds.h"

namespace probebench::run {

// Whether an error is that this user may not, which another may.
bool needs_rights(int err, unsigned user);

class CellSession {
 public:
  // `rig` may be null where a capability that the cell needs is not offered.
  CellSession(Rig* rig, const offer::Offer& offer, const Cell& cell, ClockKind clock, std::uint64_t seed);
  CellSession(const CellSession&) = delete;
  CellSession& operator=(const CellSession&) = delete;
  ~CellSession();

  // Everything before the first round. On failure result() says skipped or errored.
  bool start();
  // One more round; nullptr when it failed (result() is errored then).
  const Round* round();
  // Calls of site and twin between marker instructions, for who records their path; before finish(). `marked`
  // counts such loops since the start; `symbols` are asked for while the probe is there. On failure result()
  // is errored.
  bool mark_loops(std::uint32_t& marked, const std::function<Result<std::string>()>& symbols,
                  MarkedLoops& loops);
  // Everything after the last round: result() is complete and judged.
  void finish();

  const CellResult& result() const { return result_; }

 private:
  Status check_capabilities();
  Status prepare();
  Status measure_rest(std::optional<WindowPair>& rest);
  Status attach();
  Status wait_for_state();
  Result<bool> look_for_state();
  Status leave_own_list();
  Status measure_cold();
  Status reload_code();
  Result<std::uint64_t> ticks_per_call(kernel::Subject subject, Handler handler);
  Status calibrate();
  Status detach();
  Status mark_loop(kernel::Subject subject, std::uint32_t& marked);
  void fail(const char* step, Error error);
  void fail_round(const Error& refusal);

  Rig* rig_;
  offer::Offer offer_;
  ClockKind clock_;
  std::mt19937_64 random_;
  RoundSettings settings_;
  kernel::ScopedSetting optimization_;
  bool attached_ = false;
  CellResult result_;
};

}  // namespace probebench::run
