// SPDX-License-Identifier: MIT
#pragma once

#include "offer/offer.h"

namespace probebench {

// Adds what BPF can attach here, found by trying. Nothing stays loaded or attached.
void add_bpf_offer(Offer& offer);

}  // namespace probebench
