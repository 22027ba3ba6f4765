// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace probebench::kernels {

// Told about every step that may take a while. The caller decides how it is shown.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void step(std::string_view what) = 0;
  // Something to know afterwards, too: a fallback and why it was taken.
  virtual void note(std::string_view what) { step(what); }
};

}  // namespace probebench::kernels
