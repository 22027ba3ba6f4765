// SPDX-License-Identifier: MIT
#include "offer/offer.h"

#include <gtest/gtest.h>

#include "temporary_directory.h"

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

TEST(Tracefs, WhereNobodyMountedItIsNoKernelThatLacksIt) {
  const TemporaryDirectory root;
  const auto unmounted = look_in_tracefs(root.path(), "uprobe_events");
  ASSERT_FALSE(unmounted);
  EXPECT_EQ(unmounted.error().err, EPERM);
  EXPECT_EQ(unmounted.error().what, "mount tracefs at " + root.path().string());
  root.write("README", "f[:[<group>/]");
  EXPECT_TRUE(look_in_tracefs(root.path(), "README", "f[:["));
  for (const char* file : {"README", "uprobe_events"}) {
    const auto lacking = look_in_tracefs(root.path(), file, "hist:");
    ASSERT_FALSE(lacking) << file;
    EXPECT_EQ(lacking.error().err, 0) << file;
  }
}

TEST(Needs, ARefusalHasItsOwn) {
  Offer offer;
  offer.needed[Capability::helper_module] = "--load-module, as root";
  EXPECT_EQ(offer.needs(Capability::helper_module), "--load-module, as root");
}

}  // namespace
}  // namespace probebench::offer
