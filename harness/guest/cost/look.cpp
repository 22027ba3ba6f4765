// SPDX-License-Identifier: MIT
#include "cost/look.h"

#include <algorithm>
#include <iterator>
#include <thread>

#include "cost/bpf_listing.h"
#include "cost/kernel_listings.h"
#include "cost/tracepoint_listing.h"

namespace probebench::cost {

std::vector<ListedProbe> look() {
  auto listed = read_listings();
  std::ranges::move(list_bpf(), std::back_inserter(listed));
  std::ranges::move(list_tracepoints(), std::back_inserter(listed));
  return listed;
}

std::vector<ListedProbe> settled_look() {
  auto seen = look();
  for (int i = 0; i < kSettleTries; ++i) {
    std::this_thread::sleep_for(kSettle);
    auto again = look();
    if (again == seen) break;
    seen = std::move(again);
  }
  return seen;
}

}  // namespace probebench::cost
