// SPDX-License-Identifier: MIT
// The index of a user of the kernel's function graph (kernel/trace/fgraph.c), whom fprobe, too, asks for
// returns. A call is marked with the indices of those who want its return and, always, with index 0. Without
// static calls, as on arm64, the return looks at each of them: it costs some instructions less for the user
// who has index 0. That is the first one after a boot, and every sixteenth, since indices are given out in
// turn. Such a probe is attached again.
#pragma once

#include "base/result.h"
#include "model/probe_type.h"
#include "model/sample.h"

namespace probebench::attach {

// Whether a bit mask of the kernel's, an unsigned long, says that one index is in use, and that it is 0.
bool only_first_index(const Bytes& mask);

// The same of the kernel now, where a hit of such a probe depends on it. False: no, or nobody knows.
bool has_first_graph_index(ProbeType type);

}  // namespace probebench::attach
