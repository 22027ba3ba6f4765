// SPDX-License-Identifier: MIT
// The kernel's own text as it was, and where it differs now.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/cost.h"

namespace probebench::cost {

// Where `now` differs from `before`, both text from `begin` on: a place for each patched instruction.
std::vector<ArmedText> changed_places(const Bytes& before, const Bytes& now, std::uint64_t begin);

class KernelText {
 public:
  // All of it, but for modules'.
  static Result<KernelText> copy();

  // The places with their bytes before and now, the latter as `armed`.
  Result<std::vector<ArmedText>> changes() const;

 private:
  std::uint64_t begin_ = 0;
  Bytes text_;
};

// What the listings say of the places: their names, and how they are armed.
void explain(std::vector<ArmedText>& places, const std::vector<ListedProbe>& listed);

}  // namespace probebench::cost
