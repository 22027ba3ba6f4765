// SPDX-License-Identifier: GPL-2.0-only
/*
 * A set of functions under one ftrace_ops. It has a trampoline of its own
 * that calls the handler directly, as that of a single function has; another
 * handler means another registration.
 */
#include <linux/ftrace.h>
#include <linux/hash.h>
#include <linux/string.h>
#include <linux/version.h>

#include "pb_handlers.h"
#include "pb_set.h"
#include "pb_text.h"

/* Twice as many places as there may be probes, so that a search ends soon. */
#define PB_SET_TABLE_BITS	12
#define PB_SET_TABLE		(1u << PB_SET_TABLE_BITS)

/* As in pb_mech_ftrace.c: the handlers accepted here cannot recurse. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define PB_SET_FTRACE_FLAGS FTRACE_OPS_FL_RECURSION_SAFE
#else
#define PB_SET_FTRACE_FLAGS 0
#endif

static struct ftrace_ops pb_set_ftrace_ops = {
	.flags = PB_SET_FTRACE_FLAGS,
};

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

static int pb_set_ftrace_accepts(u32 handler, u32 flags)
{
	switch (handler) {
	case PB_HANDLER_RECORD:
	case PB_HANDLER_STACK:
	case PB_HANDLER_STRING:
		return flags & PB_SET_TALLY ? 0 : -EOPNOTSUPP;
	}
	return 0;
}

/*
 * ftrace_location() is not exported: the place to patch comes first in the
 * function, or after a four-byte endbr64 or what sealing left of it.
 */
static unsigned long pb_set_ftrace_location(unsigned long addr)
{
	static const u8 endbr[][4] = {
		{ 0xf3, 0x0f, 0x1e, 0xfa },
		{ 0x66, 0x0f, 0x1f, 0x00 },
		{ 0x0f, 0x1f, 0x40, 0xd6 },
	};
	u8 text[4];
	unsigned int i;

	if (pb_text_copy(text, addr, sizeof(text)) != sizeof(text))
		return 0;
	for (i = 0; i < ARRAY_SIZE(endbr); i++)
		if (!memcmp(text, endbr[i], sizeof(text)))
			return addr + sizeof(text);
	return addr;
}

static bool pb_set_ftrace_is_known(unsigned long ip)
{
	return *pb_set_place(ip);
}

/* @reset: replaces the filter of an earlier set. */
static int pb_set_ftrace_add_one(struct pb_set_entry *e, bool reset)
{
	unsigned long ip = pb_set_ftrace_location(e->asked);
	int err;

	if (!ip)
		return -EFAULT;
	if (pb_set_ftrace_is_known(ip))
		return -EEXIST;
	err = ftrace_set_filter_ip(&pb_set_ftrace_ops, ip, 0, reset);
	if (err)
		return err;
	e->patch_addr = ip;
	*pb_set_place(ip) = e;
	return 0;
}

static int pb_set_ftrace_use_handler(struct pb_set_state *set);

static int pb_set_ftrace_add(struct pb_set_state *set)
{
	bool none = true;
	int err;
	u32 i;

	memset(pb_set_table, 0, sizeof(pb_set_table));
	for (i = 0; i < set->request.count; i++) {
		err = pb_set_ftrace_add_one(&set->entries[i], none);
		if (err)
			pb_set_fail(&set->entries[i], PB_SET_STEP_REGISTER, err);
		else
			none = false;
		cond_resched();
	}
	return pb_set_ftrace_use_handler(set);
}

static void pb_set_ftrace_all(struct pb_set_state *set, bool armed, int err)
{
	struct pb_set_entry *e;
	u32 i;

	for (i = 0; i < set->request.count; i++) {
		e = &set->entries[i];
		if (!e->patch_addr)
			continue;
		e->armed = armed;
		if (err)
			pb_set_fail(e, armed ? PB_SET_STEP_DISARM :
				    PB_SET_STEP_ARM, err);
	}
}

/* An empty filter would mean every function; pb_set_arm() wants one at least. */
static void pb_set_ftrace_arm(struct pb_set_state *set)
{
	int err = register_ftrace_function(&pb_set_ftrace_ops);

	pb_set_ftrace_all(set, !err, err);
}

static void pb_set_ftrace_disarm(struct pb_set_state *set)
{
	int err = unregister_ftrace_function(&pb_set_ftrace_ops);

	pb_set_ftrace_all(set, err, err);
}

static void pb_set_ftrace_remove(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	u32 i;

	for (i = 0; i < set->request.count; i++) {
		e = &set->entries[i];
		if (e->patch_addr)
			ftrace_set_filter_ip(&pb_set_ftrace_ops, e->patch_addr, 1, 0);
		cond_resched();
	}
	memset(pb_set_table, 0, sizeof(pb_set_table));
}

static int pb_set_ftrace_use_handler(struct pb_set_state *set)
{
	int err = 0;

	if (set->armed)
		err = unregister_ftrace_function(&pb_set_ftrace_ops);
	if (err)
		return err;
	pb_set_ftrace_ops.func = set->request.flags & PB_SET_TALLY ?
		pb_tally_ftrace : pb_handler_get(set->request.handler)->ftrace;
	if (set->armed)
		err = register_ftrace_function(&pb_set_ftrace_ops);
	if (err) {
		set->armed = false;
		pb_set_ftrace_all(set, false, err);
	}
	return err;
}

static u64 pb_set_ftrace_missed(const struct pb_set_entry *e)
{
	return 0;	/* ftrace has no such count */
}

static void pb_set_ftrace_evidence(const struct pb_set_entry *e,
				   struct pb_evidence *ev)
{
	pb_text_site(ev, e->patch_addr);
}

const struct pb_set_ops pb_set_ftrace = {
	.accepts = pb_set_ftrace_accepts,
	.add = pb_set_ftrace_add,
	.arm = pb_set_ftrace_arm,
	.disarm = pb_set_ftrace_disarm,
	.remove = pb_set_ftrace_remove,
	.use_handler = pb_set_ftrace_use_handler,
	.missed = pb_set_ftrace_missed,
	.evidence = pb_set_ftrace_evidence,
};
