/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PB_WINDOW_H
#define PB_WINDOW_H

#include "pb_session.h"

#define PB_MAX_CALLS		10000
#define PB_PROBATION_CALLS	16
#define PB_WARMUP_CALLS		4
#define PB_MAX_WINDOW_NS	500000

/* Whether the request makes sense: 0, -EINVAL, -ENOENT. */
int pb_window_check(const struct pb_session *s, const struct pb_window *w);

/* With all armed as it will be: 0, or -ENODATA, -E2BIG (pb_abi.h). */
int pb_window_bound(struct pb_session *s, const struct pb_window *w);

/* Something else is armed: what a call costs is unknown. */
void pb_window_forget(struct pb_session *s);

int pb_window_run(struct pb_session *s, struct pb_window *w);

/*
 * Around what keeps interrupts off. A handler that spins looks at the end and
 * spins no longer; 0: no end is set on this CPU.
 */
void pb_quiet_begin(void);
void pb_quiet_finish(void);
u64 pb_quiet_end(void);

u64 pb_ticks_of_ns(u64 ns);
/* PB_MAX_WINDOW_NS in ticks. */
u64 pb_quiet_limit(void);

/* In ticks; out of line, so that every handler that reads it calls the same. */
u64 pb_clock(void);

#endif
