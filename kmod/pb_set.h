/* SPDX-License-Identifier: GPL-2.0-only */
/* The one set of probes that the device's owner may have (see pb_abi.h). */
#ifndef PB_SET_H
#define PB_SET_H

#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "pb_abi.h"

/* By probe; one allocation of 16 KiB for each CPU, of 32 KiB that there may be. */
struct pb_set_hits {
	u64 of[PB_MAX_SET];
};

struct pb_set_entry {
	struct kretprobe rp;	/* its kp alone is used for a kprobe */
	u64 __percpu *hits;
	unsigned long asked;
	unsigned long patch_addr;	/* 0: it could not be registered */
	u8 original[PB_SITE_BYTES];
	s32 error;
	u32 step;		/* enum pb_set_step, of the error */
	bool armed;
};

struct pb_set_ops;

struct pb_set_state {
	const struct pb_set_ops *ops;	/* NULL: there is no set */
	struct pb_set_entry *entries;
	struct pb_set_hits __percpu *hits;
	struct pb_set request;
	u32 registered;
	bool armed;
	u64 handler_ticks;	/* of a call; 0 where the hit itself costs more */
};

#define pb_set_for_each(e, set) \
	for ((e) = (set)->entries; (e) < (set)->entries + (set)->request.count; (e)++)
#define pb_set_for_each_if(e, set, condition) \
	pb_set_for_each(e, set) if (!(condition)) {} else
#define pb_set_for_each_registered(e, set) \
	pb_set_for_each_if(e, set, (e)->patch_addr)
#define pb_set_for_each_armed(e, set) \
	pb_set_for_each_if(e, set, (e)->armed)

/* What a mechanism does for a set; each reports through the entries. */
struct pb_set_ops {
	/* Whether it can have this handler. NULL: it can have every one. */
	bool (*accepts)(u32 handler, u32 flags);
	/* Registers without arming. Fills patch_addr, or error and step. */
	int (*add)(struct pb_set_state *set);
	void (*arm)(struct pb_set_state *set);
	/* Takes the probes out of the text, possibly later; any that refuses stays armed. */
	void (*disarm)(struct pb_set_state *set);
	void (*remove)(struct pb_set_state *set);
	int (*use_handler)(struct pb_set_state *set);
	/* The kernel's own count; NULL: it has none. */
	u64 (*missed)(const struct pb_set_entry *e);
	void (*evidence)(struct pb_set_entry *e, struct pb_evidence *ev);
};

void pb_set_fail(struct pb_set_entry *e, u32 step, int err);

/* Clock ticks of the last set's steps. */
int pb_set_step_ticks(struct pb_set_ticks *ticks);
int pb_set_define(struct pb_set_state *set, const struct pb_set *request);
int pb_set_arm(struct pb_set_state *set);
int pb_set_use_handler(struct pb_set_state *set, const struct pb_set_handler *h);
int pb_set_disarm(struct pb_set_state *set);
int pb_set_clear(struct pb_set_state *set);
int pb_set_totals(const struct pb_set_state *set, struct pb_set_totals *totals);
int pb_set_read(const struct pb_set_state *set, const struct pb_set_read *read);
int pb_set_look(const struct pb_set_state *set, u32 index, struct pb_evidence *ev);

#endif
