/* SPDX-License-Identifier: GPL-2.0-only */
/* A window in which several CPUs run the loop at the same time. */
#ifndef PB_CREW_H
#define PB_CREW_H

#include "pb_abi.h"

/*
 * Fills in ticks, hits and on[]; w->cpus says how many. Preemption is off,
 * interrupts are on: they are off while the loops run. -ENXIO: fewer CPUs are
 * online; -ETIMEDOUT: one of them did not come.
 */
int pb_crew_run(struct pb_window* w, void (*loop)(u32 calls));

#endif
