// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/version.h>

#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_sites.h"
#include "pb_text.h"

#if IS_ENABLED(CONFIG_FPROBE) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)

#include <linux/fprobe.h>
#include <linux/string.h>

static struct fprobe pb_fprobe;
static unsigned long pb_fprobe_addr;

static int pb_fprobe_register(u32 site)
{
	pb_fprobe_addr = pb_site_ftrace_addr(site);
	return register_fprobe_ips(&pb_fprobe, &pb_fprobe_addr, 1);
}

static int pb_fprobe_entry_arm(u32 site, u32 handler)
{
	memset(&pb_fprobe, 0, sizeof(pb_fprobe));
	pb_fprobe.entry_handler = pb_handler_get(handler)->fprobe_entry;
	return pb_fprobe_register(site);
}

static int pb_fprobe_exit_arm(u32 site, u32 handler)
{
	memset(&pb_fprobe, 0, sizeof(pb_fprobe));
	pb_fprobe.exit_handler = pb_handler_get(handler)->fprobe_exit;
	return pb_fprobe_register(site);
}

static int pb_fprobe_disarm(void)
{
	return unregister_fprobe(&pb_fprobe);
}

/* Both pointers are read at every hit. */
static void pb_fprobe_entry_set_handler(u32 handler)
{
	WRITE_ONCE(pb_fprobe.entry_handler, pb_handler_get(handler)->fprobe_entry);
}

static void pb_fprobe_exit_set_handler(u32 handler)
{
	WRITE_ONCE(pb_fprobe.exit_handler, pb_handler_get(handler)->fprobe_exit);
}

static void pb_fprobe_evidence(struct pb_evidence *ev)
{
	pb_text_site(ev, pb_fprobe_addr);
	ev->nmissed = pb_fprobe.nmissed;
}

const struct pb_mech_ops pb_mech_fprobe_entry = {
	.name = "fprobe-entry",
	.sites = BIT(PB_SITE_ENTRY),
	.arm = pb_fprobe_entry_arm,
	.disarm = pb_fprobe_disarm,
	.set_handler = pb_fprobe_entry_set_handler,
	.evidence = pb_fprobe_evidence,
	.patch_addr = pb_site_ftrace_addr,
};

const struct pb_mech_ops pb_mech_fprobe_exit = {
	.name = "fprobe-exit",
	.sites = BIT(PB_SITE_ENTRY),
	.arm = pb_fprobe_exit_arm,
	.disarm = pb_fprobe_disarm,
	.set_handler = pb_fprobe_exit_set_handler,
	.evidence = pb_fprobe_evidence,
	.patch_addr = pb_site_ftrace_addr,
};

#endif
