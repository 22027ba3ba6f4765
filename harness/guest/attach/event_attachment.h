// SPDX-License-Identifier: MIT
// One probe that the kernel attached to a site of the helper module on our behalf, and its own account of
// hits.
#pragma once

#include <memory>
#include <string>

#include "attach/hit_counts.h"
#include "base/result.h"
#include "model/handler.h"

namespace probebench {

// Detached when it goes.
class EventAttachment {
 public:
  virtual ~EventAttachment() = default;

  // Gets ready for a window: what a hit does from now on, and where its account begins.
  virtual Status begin(Handler handler) = 0;
  // Since begin().
  virtual Result<HitCounts> tally() const = 0;
  // What was made to attach it, by the kernel's names.
  virtual std::string description() const = 0;
  // Removes it, so that a failure can be told.
  virtual Status remove() = 0;
};

using AttachedEvent = std::unique_ptr<EventAttachment>;

}  // namespace probebench
