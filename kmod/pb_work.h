/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What handlers do on a hit, beyond returning and counting. Each of these is
 * the kernel form of work that tracing tools do per hit.
 */
#ifndef PB_WORK_H
#define PB_WORK_H

#include <linux/types.h>

#include "pb_abi.h"

/* Memory for all of them, when the module is loaded. */
int pb_work_init(void);
void pb_work_exit(void);

/* Takes the arguments of an attachment: -EINVAL when they are out of bounds. */
int pb_work_prepare(const struct pb_attach *req);

/*
 * Before a window, which finds what the handler writes to empty: records begin
 * at the beginning of a page, so that a window of up to 100 calls turns none.
 */
void pb_work_begin(u32 handler);

/* @where: the address that the mechanism passes its handler. */
void pb_work_map(unsigned long where);
void pb_work_record(unsigned long where);
void pb_work_stack(unsigned long where);
void pb_work_string(unsigned long where);
void pb_work_delay(unsigned long where);
void pb_work_checklist(unsigned long where);

#endif
