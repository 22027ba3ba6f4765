// SPDX-License-Identifier: MIT
// Traps that a process makes itself take, and the handler that counts them.
#pragma once

#include <signal.h>

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "call/user_sites.h"
#include "model/experiment.h"

namespace probebench::call {

// What takes one trap of the kind, and the same without it.
UserSite trap_site(TrapKind kind);

// Handles SIGTRAP of the whole process while it lives; the traps are the thread's that made it. One at a
// time.
class TrapHandler {
 public:
  static Result<std::unique_ptr<TrapHandler>> install();
  TrapHandler(const TrapHandler&) = delete;
  TrapHandler& operator=(const TrapHandler&) = delete;
  ~TrapHandler();

  // Signals that came about as those of the kind do, and all others, since it was installed.
  std::uint64_t taken(TrapKind kind) const;
  std::uint64_t others(TrapKind kind) const;

 private:
  TrapHandler() = default;

  struct sigaction before_ {};
};

}  // namespace probebench::call
