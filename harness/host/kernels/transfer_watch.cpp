// SPDX-License-Identifier: MIT
#include "kernels/transfer_watch.h"

#include <fmt/format.h>

namespace probebench::kernels {
namespace {

constexpr std::chrono::seconds kBetweenWords{10};

// Files come, are renamed and go while this looks; what cannot be asked has no size.
std::uintmax_t bytes_below(const std::vector<fs::path>& places) {
  std::uintmax_t bytes = 0;
  for (const auto& place : places) {
    std::error_code failure;
    for (auto at = fs::recursive_directory_iterator(place, failure);
         !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
      std::error_code gone;
      const auto size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
      if (!gone) bytes += size;
    }
  }
  return bytes;
}

}  // namespace

TransferWatch::TransferWatch(Transfer transfer, Progress& progress, Clock::time_point now)
    : transfer_(std::move(transfer)),
      progress_(progress),
      arrived_(bytes_below(transfer_.places)),
      since_(now),
      enough_(now) {}

Status TransferWatch::look(Clock::time_point now) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  take(bytes_below(transfer_.places), now);
  const auto idle = duration_cast<seconds>(now - since_);
  if (idle >= transfer_.stall) return stalled(idle);
  const auto slow = duration_cast<seconds>(now - enough_);
  if (slow >= 2 * transfer_.stall) return trickles(slow);
  if (idle < said_ + kBetweenWords) return Done{};
  said_ = idle;
  progress_.step(fmt::format("waiting for {}; {} s", transfer_.mirror, idle.count()));
  return Done{};
}

void TransferWatch::take(std::uintmax_t bytes, Clock::time_point now) {
  if (bytes == arrived_) return;
  if (bytes > arrived_) of_late_ += bytes - arrived_;
  arrived_ = bytes;
  since_ = now;
  said_ = {};
  if (of_late_ < kLeastBytesPerSecond * static_cast<std::uintmax_t>(2 * transfer_.stall.count())) return;
  of_late_ = 0;
  enough_ = now;
}

Error TransferWatch::stalled(std::chrono::seconds idle) const {
  return {Fault::infra,
          fmt::format("{}: {} sent nothing for {} s", transfer_.what, transfer_.mirror, idle.count()), 0,
          fmt::format("try again, or name {}; apt's Acquire::http::Timeout says how long to wait",
                      transfer_.other_place)};
}

Error TransferWatch::trickles(std::chrono::seconds in) const {
  return {Fault::infra,
          fmt::format("{}: {} sent only {} bytes in {} s", transfer_.what, transfer_.mirror, of_late_,
                      in.count()),
          0, "try again, or name " + transfer_.other_place};
}

}  // namespace probebench::kernels
