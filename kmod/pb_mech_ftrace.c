// SPDX-License-Identifier: GPL-2.0-only
/*
 * ftrace_ops on one function, without and with saved registers, or on a set of
 * functions. With a single user the kernel gives the ops a trampoline of its own
 * that calls the handler directly, so another handler means another registration.
 */
#include <linux/ftrace.h>
#include <linux/hash.h>
#include <linux/string.h>
#include <linux/version.h>

#include "pb_arch.h"
#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_set.h"
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

/* One function. */

static struct ftrace_ops pb_ftrace_plain = {
	.flags = PB_FTRACE_FLAGS,
};

static struct ftrace_ops pb_ftrace_with_regs = {
	.flags = PB_FTRACE_FLAGS | FTRACE_OPS_FL_SAVE_REGS,
};

static unsigned long pb_ftrace_addr;

static struct ftrace_ops *pb_ftrace_ops(const struct pb_mech_ops *mech)
{
	return mech->id == PB_MECH_FTRACE ? &pb_ftrace_plain : &pb_ftrace_with_regs;
}

static int pb_ftrace_arm(const struct pb_mech_ops *mech, u32 site, u32 handler)
{
	struct ftrace_ops *ops = pb_ftrace_ops(mech);
	int err;

	pb_ftrace_addr = pb_site_ftrace_addr(site);
	ops->func = pb_handler_get(handler)->ftrace;
	err = ftrace_set_filter_ip(ops, pb_ftrace_addr, 0, 1);
	if (err)
		return err;
	err = register_ftrace_function(ops);
	if (err)
		ftrace_set_filter_ip(ops, pb_ftrace_addr, 1, 0);
	return err;
}

static int pb_ftrace_disarm(const struct pb_mech_ops *mech)
{
	int err = unregister_ftrace_function(pb_ftrace_ops(mech));

	if (!err)
		ftrace_set_filter_ip(pb_ftrace_ops(mech), pb_ftrace_addr, 1, 0);
	return err;
}

static void pb_ftrace_evidence(struct pb_evidence *ev)
{
	pb_text_site(ev, pb_ftrace_addr);
}

/* Sets: all functions under one ftrace_ops. */

static struct ftrace_ops pb_ftrace_of_set = {
	.flags = PB_FTRACE_FLAGS,
};

/* Twice as many places as there may be probes, so that a search ends soon. */
#define PB_SET_TABLE_BITS	12
#define PB_SET_TABLE		(1u << PB_SET_TABLE_BITS)

/* The entry of each traced address, open-addressed; filled before arming. */
static struct pb_set_entry *pb_set_table[PB_SET_TABLE];

static notrace struct pb_set_entry **pb_set_place(unsigned long ip)
{
	u32 at = hash_long(ip, PB_SET_TABLE_BITS);

	while (pb_set_table[at] && pb_set_table[at]->patch_addr != ip)
		at = (at + 1) & (PB_SET_TABLE - 1);
	return &pb_set_table[at];
}
NOKPROBE_SYMBOL(pb_set_place);

static void notrace pb_tally_ftrace(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_ops *ops,
				    struct pb_ftrace_regs *regs)
{
	struct pb_set_entry *e = *pb_set_place(ip);

	if (e)
		this_cpu_inc(*e->hits);
	pb_handler_get(PB_HANDLER_COUNT)->ftrace(ip, parent_ip, ops, regs);
}
NOKPROBE_SYMBOL(pb_tally_ftrace);

/* What these handlers call may be traced as well. */
static bool pb_ftrace_set_accepts(u32 handler, u32 flags)
{
	return flags & PB_SET_TALLY ||
	       (handler != PB_HANDLER_RECORD && handler != PB_HANDLER_STACK &&
		handler != PB_HANDLER_STRING);
}

/* @reset: replaces the filter of an earlier set. */
static int pb_ftrace_set_add_one(struct pb_set_entry *e, bool reset)
{
	unsigned long ip = pb_text_ftrace_place(e->asked);
	int err;

	if (!ip)
		return -EINVAL;
	if (*pb_set_place(ip))
		return -EEXIST;
	err = ftrace_set_filter_ip(&pb_ftrace_of_set, ip, 0, reset);
	if (err)
		return err;
	e->patch_addr = ip;
	*pb_set_place(ip) = e;
	return 0;
}

static void pb_ftrace_set_mark(struct pb_set_state *set, u32 step, bool armed, int err)
{
	struct pb_set_entry *e;

	pb_set_for_each_registered(e, set) {
		e->armed = armed;
		if (err)
			pb_set_fail(e, step, err);
	}
}

static int pb_ftrace_set_use_handler(struct pb_set_state *set)
{
	bool tally = set->request.flags & PB_SET_TALLY;
	int err = 0;

	if (set->armed)
		err = unregister_ftrace_function(&pb_ftrace_of_set);
	if (err)
		return err;
	pb_ftrace_of_set.func = tally ? pb_tally_ftrace :
		pb_handler_get(set->request.handler)->ftrace;
	if (set->armed)
		err = register_ftrace_function(&pb_ftrace_of_set);
	if (err) {
		set->armed = false;
		pb_ftrace_set_mark(set, PB_SET_STEP_ARM, false, err);
	}
	return err;
}

static int pb_ftrace_set_add(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	bool none = true;
	int err;

	memset(pb_set_table, 0, sizeof(pb_set_table));
	pb_set_for_each(e, set) {
		err = pb_ftrace_set_add_one(e, none);
		if (err)
			pb_set_fail(e, PB_SET_STEP_REGISTER, err);
		else
			none = false;
		cond_resched();
	}
	return pb_ftrace_set_use_handler(set);
}

/* An empty filter would mean every function; pb_set_arm() wants one at least. */
static void pb_ftrace_set_arm(struct pb_set_state *set)
{
	int err = register_ftrace_function(&pb_ftrace_of_set);

	pb_ftrace_set_mark(set, PB_SET_STEP_ARM, !err, err);
}

static void pb_ftrace_set_disarm(struct pb_set_state *set)
{
	int err = unregister_ftrace_function(&pb_ftrace_of_set);

	pb_ftrace_set_mark(set, PB_SET_STEP_DISARM, err, err);
}

static void pb_ftrace_set_remove(struct pb_set_state *set)
{
	struct pb_set_entry *e;

	pb_set_for_each_registered(e, set) {
		ftrace_set_filter_ip(&pb_ftrace_of_set, e->patch_addr, 1, 0);
		cond_resched();
	}
	memset(pb_set_table, 0, sizeof(pb_set_table));
}

static void pb_ftrace_set_evidence(struct pb_set_entry *e, struct pb_evidence *ev)
{
	pb_text_site(ev, e->patch_addr);
}

static const struct pb_set_ops pb_ftrace_set = {
	.accepts = pb_ftrace_set_accepts,
	.add = pb_ftrace_set_add,
	.arm = pb_ftrace_set_arm,
	.disarm = pb_ftrace_set_disarm,
	.remove = pb_ftrace_set_remove,
	.use_handler = pb_ftrace_set_use_handler,
	.evidence = pb_ftrace_set_evidence,
};

#define PB_FTRACE_OPS(form)			\
	.sites = BIT(PB_SITE_ENTRY),		\
	.id = form,				\
	.arm = pb_ftrace_arm,			\
	.disarm = pb_ftrace_disarm,		\
	.evidence = pb_ftrace_evidence,		\
	.patch_addr = pb_site_ftrace_addr

const struct pb_mech_ops pb_mech_ftrace = {
	.name = "ftrace",
	.set = &pb_ftrace_set,
	PB_FTRACE_OPS(PB_MECH_FTRACE),
};

const struct pb_mech_ops pb_mech_ftrace_regs = {
	.name = "ftrace-regs",
	PB_FTRACE_OPS(PB_MECH_FTRACE_REGS),
};
