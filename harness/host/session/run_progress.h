// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include "kernels/progress.h"

namespace probebench::session {

// Told how far a run has come, by several threads. Who shows it decides how.
class RunProgress : public kernels::Progress {
 public:
  // So many cells and steps will come, of all targets together.
  virtual void plan(std::size_t cells) = 0;
  // So many more or fewer than planned.
  virtual void correct(std::ptrdiff_t cells) = 0;
  virtual void cell_begin(std::string_view name) = 0;
  virtual void cell_end() = 0;
  // The run is over: nothing of it stays on the terminal but the notes.
  virtual void clear() = 0;
};

}  // namespace probebench::session
