// SPDX-License-Identifier: MIT
#pragma once

#include "model/sample.h"
#include "pb_abi.h"

namespace probebench::kernel {

// What the helper module saw, in the model's words; `armed` is the text as it was, whatever it is.
Evidence evidence_of(const pb_evidence& raw);

}  // namespace probebench::kernel
