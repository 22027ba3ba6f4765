/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PB_WINDOW_H
#define PB_WINDOW_H

#include "pb_session.h"

#define PB_MAX_CALLS		10000
#define PB_PROBATION_CALLS	16
#define PB_WARMUP_CALLS		4
#define PB_MAX_WINDOW_NS	500000

/* 0, or why the window is refused: -EINVAL, -ENODATA, -E2BIG, -ENOENT. */
int pb_window_check(struct pb_session *s, const struct pb_window *w);

int pb_window_run(struct pb_session *s, struct pb_window *w);

/* In ticks; out of line, so that every handler that reads it calls the same. */
u64 pb_clock(void);

#endif
