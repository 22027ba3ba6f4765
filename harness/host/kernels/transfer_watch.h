// SPDX-License-Identifier: MIT
// Whether a download still gets anywhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "kernels/progress.h"

namespace probebench::kernels {

// A download that brings nothing for so long has stalled, unless apt is told another Acquire::http::Timeout.
inline constexpr std::chrono::seconds kStallDeadline{30};

// One that brings less than this, for twice that long, does not get anywhere either.
inline constexpr std::uintmax_t kLeastBytesPerSecond = 1024;

class TransferWatch {
 public:
  using Clock = std::chrono::steady_clock;

  struct Transfer {
    std::string what;              // begins the error: "download linux-image-6.1"
    std::string mirror;            // host of the mirror
    std::vector<fs::path> places;  // what arrives lies below them
    std::chrono::seconds stall = kStallDeadline;
    std::string other_place = "another mirror in /etc/apt";  // to try instead
  };

  TransferWatch(Transfer transfer, Progress& progress, Clock::time_point now = Clock::now());

  // Says every ten seconds without a new byte how long there was none. An infra error: there was none, or
  // hardly any, for too long.
  Status look(Clock::time_point now = Clock::now());

 private:
  void take(std::uintmax_t bytes, Clock::time_point now);
  Error trickles(std::chrono::seconds in) const;
  Error stalled(std::chrono::seconds idle) const;

  Transfer transfer_;
  Progress& progress_;
  std::uintmax_t arrived_;
  Clock::time_point since_;  // when the last of it arrived
  std::chrono::seconds said_{0};
  std::uintmax_t of_late_ = 0;  // bytes, since they were enough for the last time
  Clock::time_point enough_;
};

}  // namespace probebench::kernels
