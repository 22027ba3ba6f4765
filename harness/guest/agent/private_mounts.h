// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"

namespace probebench::agent {

// Gives this process a tracefs where the machine has none mounted, in a mount namespace of its own: nobody
// else sees it, and it goes with the process. libbpf finds trace events there.
Status see_tracefs();

}  // namespace probebench::agent
