// SPDX-License-Identifier: MIT
#include "cost/armed_probe.h"

#include "cost/kernel_listings.h"
#include "cost/look.h"

namespace probebench::cost {

Result<ArmedProbe> ArmedProbe::arm(const CostPlan& plan) {
  auto armer = TRY(make_armer(plan));
  const auto before = look();
  TRY(armer->arm(look));
  auto counter = TRY(armer->counter(new_in(settled_look(), before)));
  return ArmedProbe(std::move(armer), std::move(counter));
}

Status ArmedProbe::disarm() {
  counter_.reset();
  return armer_->disarm();
}

}  // namespace probebench::cost
