// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>

#include <array>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::inline base {

// Both ends are closed in a program that is executed.
struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

inline Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error(Fault::infra, "make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace probebench::inline base
