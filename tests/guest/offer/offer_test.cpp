// SPDX-License-Identifier: MIT
#include "offer/offer.h"

#include <gtest/gtest.h>

namespace probebench::offer {
namespace {

TEST(Needs, OfTheRunningKernelNamesNoOptionForAnother) {
  Offer offer;
  EXPECT_EQ(offer.needs(Capability::fprobe), "a kernel with CONFIG_FPROBE=y: --kernel 6.12");
  offer.of_running_kernel = true;
  EXPECT_EQ(offer.needs(Capability::fprobe), "a kernel with CONFIG_FPROBE=y");
  for (const auto& info : kCapabilities) {
    if (info.id == Capability::helper_module || info.id == Capability::parallel_cpus) continue;
    EXPECT_EQ(offer.needs(info.id).find("--kernel"), std::string::npos) << info.name;
  }
}

TEST(Needs, ARefusalHasItsOwn) {
  Offer offer;
  offer.needed[Capability::helper_module] = "--load-module, as root";
  EXPECT_EQ(offer.needs(Capability::helper_module), "--load-module, as root");
}

}  // namespace
}  // namespace probebench::offer
