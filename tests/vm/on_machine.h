// SPDX-License-Identifier: MIT
// Tests inside the guest, of the machine that it is.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "run/machine.h"

namespace probebench {

class OnMachine : public testing::Test {
 protected:
  // Once for all tests of a suite: asking a kernel what it offers takes a second under emulation.
  static void SetUpTestSuite() {
    auto opened = run::open_machine();
    ASSERT_TRUE(opened) << opened.error().message();
    machine() = std::move(*opened);
  }
  static void TearDownTestSuite() { machine() = {}; }

  static run::Machine& machine() {
    static run::Machine opened;
    return opened;
  }
  static bool has(Capability capability) { return machine().offer.has(capability); }
  // The first capability that the cell needs and this kernel does not offer.
  static std::optional<Capability> lacking(const Cell& cell) {
    for (const auto need : {info_of(cell.driver).needs, std::optional(info_of(cell.probe_type).needs),
                            cell.placement().needs}) {
      if (need && !has(*need)) return need;
    }
    return std::nullopt;
  }
};

}  // namespace probebench
