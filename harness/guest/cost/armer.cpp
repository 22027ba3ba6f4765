// SPDX-License-Identifier: MIT
#include "cost/armer.h"

namespace probebench::cost {

Result<std::unique_ptr<Armer>> make_armer(const CostPlan& plan, const Keeper* keeper) {
  switch (plan.source) {
    case ProbeSource::bpf_object:
      return make_bpf_object(plan);
    case ProbeSource::module:
      return make_module_probe(plan);
    case ProbeSource::tracefs:
      return make_tracefs_setup(plan);
    case ProbeSource::command:
      return make_command_probe(plan, keeper);
  }
  return Error{Fault::cell, "arm a probe by nothing", 0, {}};
}

}  // namespace probebench::cost
