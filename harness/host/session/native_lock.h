// SPDX-License-Identifier: MIT
// One native run at a time on a machine: two would measure one another.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::session {

inline constexpr const char* kNativeLock = "probebench-native";

// A name of the kernel's own that goes with the process that holds it, however that ends, and that every user
// of the machine sees: nothing lies in a directory. Waits for the holder, and says who it is when the time is
// over.
class NativeLock {
 public:
  static Result<NativeLock> take(const std::string& name, std::chrono::milliseconds deadline);

 private:
  explicit NativeLock(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

}  // namespace probebench::session
