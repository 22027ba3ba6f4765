/* SPDX-License-Identifier: GPL-2.0-only */
/* Many probe sites, and operations that pass them (see pb_abi.h). */
#ifndef PB_FIELD_H
#define PB_FIELD_H

#include "pb_abi.h"

struct pb_set_state;

int pb_field_sites(const struct pb_field_sites *sites);
/* @set: what may be armed at the sites. */
int pb_field_window(const struct pb_set_state *set, struct pb_field_window *w);
int pb_field_handler(struct pb_field_handler *h);

/* What a call of a handler takes, in ticks. */
u64 pb_field_handler_ticks(u32 handler);

#endif
