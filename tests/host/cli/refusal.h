// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "cli/measuring.h"

namespace probebench::cli {

// What take_options() of a command says against the options, which is a usage error; "none": it takes them.
template <typename Options>
std::string refusal_of(Options options, Arguments passed = {}) {
  const auto status = take_options(std::move(passed), options);
  if (status) return "none";
  EXPECT_EQ(status.error().fault, Fault::usage);
  return status.error().message();
}

}  // namespace probebench::cli
