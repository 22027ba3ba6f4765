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

/*
 * Of each handler, but for nop and count, which are macros (pb_handlers.c).
 * @where: the address that the mechanism passes its handler.
 */
#define PB_DECLARE_WORK(ID, name) void pb_work_##name(unsigned long where);
PB_HANDLERS(PB_DECLARE_WORK)
#undef PB_DECLARE_WORK

#endif
