/* SPDX-License-Identifier: GPL-2.0-only */
/* One file per mechanism fills one of these. */
#ifndef PB_MECH_H
#define PB_MECH_H

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/types.h>

#include "pb_abi.h"

#define PB_ENTRY_SITES	(BIT(PB_SITE_ENTRY) | BIT(PB_SITE_NOTRACE))
#define PB_MID_SITES	(BIT(PB_SITE_MID) | BIT(PB_SITE_MID_STEP) | \
			 BIT(PB_SITE_MID_EMULATED))

struct kprobe;

struct pb_mech_ops {
	const char *name;
	unsigned long sites;	/* BIT(enum pb_site) it can attach to */
	/* Attaches to @site; returns 0 or -errno with nothing attached. */
	int (*arm)(u32 site, u32 handler);
	/* 0, or -errno with the probe still attached. */
	int (*disarm)(void);
	/*
	 * Another handler from the next hit on. NULL: the mechanism has to be
	 * armed anew for it.
	 */
	void (*set_handler)(u32 handler);
	/* Fills @ev while attached. */
	void (*evidence)(struct pb_evidence *ev);
	/* The first byte that arming patches, known before it does. */
	unsigned long (*patch_addr)(u32 site);
	struct kprobe *kprobe;	/* NULL: it is none */
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

/* Of a kprobe that was unregistered: the kernel says with its address that it refused. */
static inline int pb_kprobe_gone(const void *addr)
{
	return addr ? 0 : -EBUSY;
}

/* Where a kprobe on @site really goes: past endbr64 on IBT kernels. */
unsigned long pb_kprobe_patch_addr(u32 site);

#endif
