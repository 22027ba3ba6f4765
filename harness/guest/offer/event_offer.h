// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "offer/offer.h"

namespace probebench {

// Adds what tracefs and perf can attach to kernel text here, as the kernel lists it. `root` stands before
// every path.
void add_event_offer(Offer& offer, const std::filesystem::path& root = "/");

}  // namespace probebench
