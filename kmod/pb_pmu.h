/* SPDX-License-Identifier: GPL-2.0-only */
/* Core cycles and instructions, where the kernel has a hardware PMU. */
#ifndef PB_PMU_H
#define PB_PMU_H

#include <linux/types.h>

struct pb_pmu_reading {
	bool valid;
	u64 cycles;
	u64 instructions;
};

/* Counters for the calling task. 0, or why there are none. */
int pb_pmu_open(void);
void pb_pmu_close(void);

/* With interrupts off, on the task that opened the counters. */
void pb_pmu_read(struct pb_pmu_reading *reading);

/* False when either reading is not valid. */
bool pb_pmu_delta(const struct pb_pmu_reading *before,
		  const struct pb_pmu_reading *after,
		  u64 *cycles, u64 *instructions);

#endif
