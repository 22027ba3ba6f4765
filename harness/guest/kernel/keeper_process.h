// SPDX-License-Identifier: MIT
// A process beside the agent that puts things back when the agent is gone, also when it was killed.
#pragma once

namespace probebench::kernel {

// In a process that was just forked: `life` becomes its standard input and `report`, if any, its standard
// output, and nothing else of ours stays open but standard error: who waits for the end of what we say there
// waits for this process. No signal of a terminal's or of our parent's ends it.
void become_keeper(int life, int report = -1);

}  // namespace probebench::kernel
