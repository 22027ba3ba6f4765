// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>

#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_sites.h"
#include "pb_text.h"

#if IS_ENABLED(CONFIG_FPROBE)

#include <linux/fprobe.h>
#include <linux/string.h>

static struct fprobe pb_fprobe;
static unsigned long pb_fprobe_addr;

/* Both pointers are read at every hit. */
static void pb_fprobe_set_handler(const struct pb_mech_ops *mech, u32 handler)
{
	const struct pb_handler_ops *ops = pb_handler_get(handler);

	if (mech->id == PB_MECH_FPROBE_ENTRY)
		WRITE_ONCE(pb_fprobe.entry_handler, ops->fprobe_entry);
	else
		WRITE_ONCE(pb_fprobe.exit_handler, ops->fprobe_exit);
}

static int pb_fprobe_arm(const struct pb_mech_ops *mech, u32 site, u32 handler)
{
	memset(&pb_fprobe, 0, sizeof(pb_fprobe));
	pb_fprobe_set_handler(mech, handler);
	pb_fprobe_addr = pb_site_ftrace_addr(site);
	return register_fprobe_ips(&pb_fprobe, &pb_fprobe_addr, 1);
}

static int pb_fprobe_disarm(const struct pb_mech_ops *mech)
{
	return unregister_fprobe(&pb_fprobe);
}

static void pb_fprobe_evidence(struct pb_evidence *ev)
{
	pb_text_site(ev, pb_fprobe_addr);
	ev->nmissed = pb_fprobe.nmissed;
}

#define PB_FPROBE_OPS(form)			\
	.sites = BIT(PB_SITE_ENTRY),		\
	.id = form,				\
	.arm = pb_fprobe_arm,			\
	.disarm = pb_fprobe_disarm,		\
	.set_handler = pb_fprobe_set_handler,	\
	.evidence = pb_fprobe_evidence,		\
	.patch_addr = pb_site_ftrace_addr

const struct pb_mech_ops pb_mech_fprobe_entry = {
	.name = "fprobe-entry",
	PB_FPROBE_OPS(PB_MECH_FPROBE_ENTRY),
};

const struct pb_mech_ops pb_mech_fprobe_exit = {
	.name = "fprobe-exit",
	PB_FPROBE_OPS(PB_MECH_FPROBE_EXIT),
};

#endif
