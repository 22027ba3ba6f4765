/* SPDX-License-Identifier: GPL-2.0-only */
/* What others (tracefs, perf, BPF) have attached to a site of ours. */
#ifndef PB_FOREIGN_H
#define PB_FOREIGN_H

#include "pb_abi.h"

/* Text, and kprobe or breakpoint at @addr; fills an @ev of zeros. */
void pb_foreign_evidence(struct pb_evidence *ev, unsigned long addr);

#endif
