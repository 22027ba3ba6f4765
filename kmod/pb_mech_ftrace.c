// SPDX-License-Identifier: GPL-2.0-only
/*
 * ftrace_ops on one function, without and with saved registers. With a single
 * user the kernel gives the ops a trampoline of its own that calls the
 * handler directly, so another handler means another registration.
 */
#include <linux/ftrace.h>
#include <linux/version.h>

#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_sites.h"
#include "pb_text.h"

/*
 * The handlers cannot recurse, so no protection is asked for: until 5.11 that
 * is said with RECURSION_SAFE, since then (a25d036d939a) by saying nothing.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define PB_FTRACE_FLAGS FTRACE_OPS_FL_RECURSION_SAFE
#else
#define PB_FTRACE_FLAGS 0
#endif

static struct ftrace_ops pb_ftrace_plain = {
	.flags = PB_FTRACE_FLAGS,
};

static struct ftrace_ops pb_ftrace_with_regs = {
	.flags = PB_FTRACE_FLAGS | FTRACE_OPS_FL_SAVE_REGS,
};

static struct ftrace_ops *pb_ftrace_armed;
static unsigned long pb_ftrace_addr;

static int pb_ftrace_register(struct ftrace_ops *ops, u32 site, u32 handler)
{
	unsigned long addr = pb_site_ftrace_addr(site);
	int err;

	ops->func = pb_handler_get(handler)->ftrace;
	err = ftrace_set_filter_ip(ops, addr, 0, 1);
	if (err)
		return err;
	err = register_ftrace_function(ops);
	if (err)
		goto unset_filter;
	pb_ftrace_armed = ops;
	pb_ftrace_addr = addr;
	return 0;

unset_filter:
	ftrace_set_filter_ip(ops, addr, 1, 0);
	return err;
}

static int pb_ftrace_arm(u32 site, u32 handler)
{
	return pb_ftrace_register(&pb_ftrace_plain, site, handler);
}

static int pb_ftrace_regs_arm(u32 site, u32 handler)
{
	return pb_ftrace_register(&pb_ftrace_with_regs, site, handler);
}

static int pb_ftrace_disarm(void)
{
	int err = unregister_ftrace_function(pb_ftrace_armed);

	if (!err)
		ftrace_set_filter_ip(pb_ftrace_armed, pb_ftrace_addr, 1, 0);
	return err;
}

static void pb_ftrace_evidence(struct pb_evidence *ev)
{
	pb_text_site(ev, pb_ftrace_addr);
}

const struct pb_mech_ops pb_mech_ftrace = {
	.name = "ftrace",
	.sites = BIT(PB_SITE_ENTRY),
	.arm = pb_ftrace_arm,
	.disarm = pb_ftrace_disarm,
	.evidence = pb_ftrace_evidence,
	.patch_addr = pb_site_ftrace_addr,
};

const struct pb_mech_ops pb_mech_ftrace_regs = {
	.name = "ftrace-regs",
	.sites = BIT(PB_SITE_ENTRY),
	.arm = pb_ftrace_regs_arm,
	.disarm = pb_ftrace_disarm,
	.evidence = pb_ftrace_evidence,
	.patch_addr = pb_site_ftrace_addr,
};
