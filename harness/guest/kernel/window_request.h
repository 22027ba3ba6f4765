// SPDX-License-Identifier: MIT
// What a window is asked to be, and the bounds that who makes it sets.
#pragma once

#include <cstdint>

#include "model/handler.h"

namespace probebench::kernel {

enum class Subject : std::uint32_t { site, twin };  // values of PB_SUBJECT_*

struct WindowRequest {
  Subject subject = Subject::site;
  Handler handler = Handler::nop;
  std::uint32_t calls = 0;
  bool rearm = false;   // register the probe anew just before the loop
  bool cold = false;    // no warm-up calls
  bool marked = false;  // between the marker instructions: its path is recorded from outside
};

struct RigLimits {
  std::uint32_t max_calls = 0;
  std::uint32_t max_window_ns = 0;
  std::uint32_t probation_calls = 0;  // a window this short is never refused
  std::uint64_t tsc_khz = 0;
  std::uint32_t warmup_calls = 0;  // neither timed nor counted, before each window that is not cold
};

}  // namespace probebench::kernel
