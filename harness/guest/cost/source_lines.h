// SPDX-License-Identifier: MIT
// Which line of its source each piece of a BPF program's machine code was made of.
#pragma once

#include <vector>

#include "model/cost.h"

namespace probebench::cost {

// Of the BPF programs among what is new in the listings; none of those that were built without debug
// information.
std::vector<SourceLine> source_lines(const std::vector<ListedProbe>& listed);

}  // namespace probebench::cost
