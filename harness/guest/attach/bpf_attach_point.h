// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "attach/site_location.h"
#include "model/cell.h"

namespace probebench::attach {

// What a program is attached to. Functions are given by address where there is one, else by name.
struct BpfAttachPoint {
  SiteLocation location = {};
  std::string function = {};
  std::string event_group = {};  // of a tracepoint
  std::string event = {};

  // For messages.
  std::string name() const;
};

// The trace event that a cell's site stands for; nothing for sites that are no tracepoint.
std::optional<BpfAttachPoint> event_of(SiteId site);

// By address, so that nothing has to be looked up by name: a kprobe goes where the site says that it patches.
BpfAttachPoint attach_point_of(const Cell& cell, const SiteLocation& location);

}  // namespace probebench::attach
