// SPDX-License-Identifier: MIT
// From the kernel's functions and events that are asked for to where this kernel has them, or to why a probe
// cannot be there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/kallsyms.h"
#include "model/plan.h"

namespace probebench::experiment {

struct KernelPlace {
  std::uint64_t address = 0;  // 0: the kernel keeps its addresses to itself
  bool past_entry = false;
};

// What a function's text says against a probe in it. `text` begins at the function and may be shorter; `cold`
// is where its compiler put what it takes for rare.
Status check_text(const PredictSite& site, const kernel::KernelFunction& function, const Bytes& text,
                  const kernel::KernelFunction* cold);

class KernelPlaces {
 public:
  // Of those that are functions. The symbols are read once for all of them.
  explicit KernelPlaces(const std::vector<PredictSite>& sites);

  Result<KernelPlace> find(const PredictSite& site) const;

 private:
  Result<KernelPlace> place_in(const PredictSite& site, const kernel::KernelFunction& function) const;
  const kernel::KernelFunction* symbol(const std::string& name) const;

  Result<kernel::FunctionTable> table_;
};

}  // namespace probebench::experiment
