/* SPDX-License-Identifier: GPL-2.0-only */
/* One file per mechanism fills one of these for each of its forms. */
#ifndef PB_MECH_H
#define PB_MECH_H

#include <linux/bits.h>
#include <linux/types.h>

#include "pb_abi.h"

#define PB_ENTRY_SITES	(BIT(PB_SITE_ENTRY) | BIT(PB_SITE_NOTRACE))
#define PB_MID_SITES	(BIT(PB_SITE_MID) | BIT(PB_SITE_MID_STEP) | \
			 BIT(PB_SITE_MID_EMULATED))

struct pb_set_ops;

/* One probe on a site of the module. */
struct pb_mech_ops {
	const char *name;
	u32 id;			/* enum pb_mechanism */
	unsigned long sites;	/* BIT(enum pb_site) it can attach to */
	/* Attaches to @site; returns 0 or -errno with nothing attached. */
	int (*arm)(const struct pb_mech_ops *mech, u32 site, u32 handler);
	/* 0, or -errno with the probe still attached. */
	int (*disarm)(const struct pb_mech_ops *mech);
	/* Another handler from the next hit on. NULL: only by arming anew. */
	void (*set_handler)(const struct pb_mech_ops *mech, u32 handler);
	/* Fills @ev while attached. */
	void (*evidence)(struct pb_evidence *ev);
	/* The first byte that arming patches, known before it does. */
	unsigned long (*patch_addr)(u32 site);
	const struct pb_set_ops *set;	/* NULL: there are no sets of it */
};

extern const struct pb_mech_ops pb_mech_kprobe;
extern const struct pb_mech_ops pb_mech_kprobe_post;
extern const struct pb_mech_ops pb_mech_kretprobe;
extern const struct pb_mech_ops pb_mech_fprobe_entry;
extern const struct pb_mech_ops pb_mech_fprobe_exit;
extern const struct pb_mech_ops pb_mech_ftrace;
extern const struct pb_mech_ops pb_mech_ftrace_regs;
extern const struct pb_mech_ops pb_mech_tracepoint;

/* NULL when this kernel was built without the mechanism. */
const struct pb_mech_ops *pb_mech_get(u32 mechanism);

/* PB_FEATURE_* of this kernel, without PB_FEATURE_PMU. */
u32 pb_mech_features(void);

#endif
