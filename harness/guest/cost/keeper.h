// SPDX-License-Identifier: MIT
// What a probe of the user's leaves on a running machine when the agent is killed, put back by another
// process.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::cost {

// A process beside this one knows what tracefs has now, and waits until nobody holds our end of a pipe any
// more: we let go of it, or were killed. Then it ends the groups of processes that it was told of, and brings
// tracefs back. It is no child that a terminal's or our parent's signals reach.
class Keeper {
 public:
  static Result<Keeper> start();

  // From now on the group is ended, too.
  Status take_group(pid_t group) const;
  // It has ended: its number is soon another's.
  Status forget_group(pid_t group) const;

 private:
  Status tell(pid_t number) const;
  explicit Keeper(UniqueFd life) : life_(std::move(life)) {}

  UniqueFd life_;
};

}  // namespace probebench::cost
