// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "base/result.h"

namespace probebench::inline model {

enum class ExitCode : int {
  fine = 0,
  cell_failed = 1,  // some cell errored or invalid, or an internal error
  usage = 2,
  regression = 3,
  nothing_measured = 4,
  unfit = 5,         // inconclusive, incomparable or environment unfit under --strict
  unavailable = 69,  // target or dependency unavailable
  interrupted = 130,
};

struct ExitCodeInfo {
  ExitCode code;
  std::string_view words;  // for a line of help
};

inline constexpr std::array kExitCodes{ExitCodeInfo{ExitCode::fine, "fine"},
                                       ExitCodeInfo{ExitCode::cell_failed, "failed in part"},
                                       ExitCodeInfo{ExitCode::usage, "usage"},
                                       ExitCodeInfo{ExitCode::regression, "regression"},
                                       ExitCodeInfo{ExitCode::nothing_measured, "none measured"},
                                       ExitCodeInfo{ExitCode::unfit, "undecided"},
                                       ExitCodeInfo{ExitCode::unavailable, "unavailable"},
                                       ExitCodeInfo{ExitCode::interrupted, "interrupted"}};

constexpr ExitCode exit_code_of(Fault fault) {
  switch (fault) {
    case Fault::usage:
      return ExitCode::usage;
    case Fault::interrupted:
      return ExitCode::interrupted;
    case Fault::cell:
      return ExitCode::cell_failed;
    case Fault::unsupported:
    case Fault::infra:
      return ExitCode::unavailable;
  }
  return ExitCode::cell_failed;
}

}  // namespace probebench::inline model
