// SPDX-License-Identifier: MIT
// The helper module's many sites, and the operations that pass them (kmod/pb_field.c).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/result.h"
#include "kernel/control.h"
#include "model/plan.h"

namespace probebench::call {

// Values of enum pb_field_layout.
enum class FieldLayout : std::uint32_t { functions, path, nest };

// An operation: work, then calls. On functions they go round the first `span` of them; on the path one call
// passes all its sites; a nest is called once and is `calls` deep.
struct FieldOperation {
  FieldLayout layout = FieldLayout::functions;
  std::uint32_t work = 0;  // instructions
  std::uint32_t calls = 1;
  std::uint32_t span = 1;
};

struct FieldTime {
  std::uint64_t ops = 0;
  std::uint64_t ticks = 0;  // free of what the windows cost by themselves
  std::uint64_t hits = 0;   // of the handler `count`
  std::uint64_t hits_elsewhere = 0;

  double ticks_per_op() const { return static_cast<double>(ticks) / static_cast<double>(ops); }
};

class Field {
 public:
  explicit Field(const kernel::Control& control) : device_(control.device()) {}

  // Addresses of the first `count` sites; of a nest, its entry.
  Result<std::vector<std::uint64_t>> sites(FieldLayout layout, std::uint32_t count) const;
  // So many operations, in as many windows as the bound on the time with interrupts off asks for. A handler's
  // delay ends where that time does, so who has long ones says how many operations a window has at most.
  Result<FieldTime> run(const FieldOperation& operation, std::uint64_t ops,
                        std::uint64_t most_in_window = std::numeric_limits<std::uint32_t>::max()) const;
  // What one call of a handler costs by itself, beyond one that does nothing. Its delay is set by this, too:
  // for a set that is armed.
  Result<double> handler_cost(const kernel::Control& control, HandlerChoice handler) const;

 private:
  Result<double> ticks_of_handler(Handler handler) const;

  int device_;  // the control's
};

}  // namespace probebench::call
