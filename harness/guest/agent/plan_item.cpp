// SPDX-License-Identifier: MIT
#include "agent/plan_item.h"

#include <chrono>
#include <thread>

#include "agent/newc_archive.h"
#include "kernel/firmware_config.h"
#include "wire/plan_item.h"

namespace probebench::agent {
namespace {

constexpr std::chrono::milliseconds kLookAgain{1};

}  // namespace

// A reading that began before the guest was saved and ended after it was restored is of two directories.
Result<std::string> await_plan(const RecordChannel& channel) {
  const auto config = TRY(kernel::FirmwareConfig::open());
  for (bool told = false;;) {
    const auto plan = config.item(wire::kPlanItem);
    if (plan && config.item(wire::kPlanItem) == plan) {
      if (const auto files = config.item(wire::kFilesItem)) TRY(unpack_newc(*files, "/"));
      return *plan;
    }
    if (!told) channel.say(wire::kWaitsForPlan);
    told = true;
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace probebench::agent
