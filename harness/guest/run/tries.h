// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"
#include "model/sample.h"

namespace probebench::run {

// How often a window is made when something else keeps running in it.
inline constexpr int kWindowTries = 10;

// The first window that nothing disturbed, or the last try as it is.
template <typename Make>
Result<Window> undisturbed_window(int tries, Make make) {
  for (;; --tries) {
    auto window = make();
    if (!window || !window->disturbed() || tries == 1) return window;
  }
}

}  // namespace probebench::run
