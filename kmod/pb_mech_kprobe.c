// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprobe, with a pre_handler or with a post_handler only, and kretprobe. What a
 * kprobe becomes (stepped, boosted, emulated, detour, optimized, ftrace) is up
 * to the site, the kernel's configuration and debug.kprobes-optimization.
 */
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/version.h>

#include "pb_arch.h"
#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_set.h"
#include "pb_sites.h"
#include "pb_slot.h"
#include "pb_text.h"

/* Calls on a site are not nested and not preempted: more than enough instances. */
#define PB_MAXACTIVE 16

/* Linux 5.11 (d741bf41d7c7): an instance no longer names its probe itself. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#define PB_KRETPROBE_OF(ri)	get_kretprobe(ri)
#else
#define PB_KRETPROBE_OF(ri)	((ri)->rp)
#endif

static struct pb_set_entry *pb_set_entry_of(struct kprobe *p)
{
	return container_of(p, struct pb_set_entry, rp.kp);
}

/*
 * A tally counts twice: what the probes of a set have by themselves must add up
 * to what the counting handler has.
 */
static int notrace pb_tally_pre(struct kprobe *p, struct pt_regs *regs)
{
	this_cpu_inc(*pb_set_entry_of(p)->hits);
	return pb_handler_get(PB_HANDLER_COUNT)->kprobe_pre(p, regs);
}
NOKPROBE_SYMBOL(pb_tally_pre);

static void notrace pb_tally_post(struct kprobe *p, struct pt_regs *regs,
				  unsigned long flags)
{
	this_cpu_inc(*pb_set_entry_of(p)->hits);
	pb_handler_get(PB_HANDLER_COUNT)->kprobe_post(p, regs, flags);
}
NOKPROBE_SYMBOL(pb_tally_post);

static int notrace pb_tally_return(struct kretprobe_instance *ri,
				   struct pt_regs *regs)
{
	struct kretprobe *rp = PB_KRETPROBE_OF(ri);

	if (rp)
		this_cpu_inc(*pb_set_entry_of(&rp->kp)->hits);
	return pb_handler_get(PB_HANDLER_COUNT)->kretprobe(ri, regs);
}
NOKPROBE_SYMBOL(pb_tally_return);

/* The kernel reads each of these pointers at every hit, so it may change in place. */
static void pb_kprobe_give(struct kretprobe *rp, u32 mechanism, u32 handler,
			   bool tally)
{
	const struct pb_handler_ops *ops = pb_handler_get(handler);

	switch (mechanism) {
	case PB_MECH_KPROBE:
		WRITE_ONCE(rp->kp.pre_handler, tally ? pb_tally_pre : ops->kprobe_pre);
		break;
	case PB_MECH_KPROBE_POST:
		WRITE_ONCE(rp->kp.post_handler, tally ? pb_tally_post : ops->kprobe_post);
		break;
	case PB_MECH_KRETPROBE:
		WRITE_ONCE(rp->handler, tally ? pb_tally_return : ops->kretprobe);
		break;
	}
}

/* @rp: its kp alone is used for a kprobe. */
static int pb_kprobe_register(struct kretprobe *rp, u32 mechanism)
{
	if (mechanism == PB_MECH_KRETPROBE)
		return register_kretprobe(rp);
	return register_kprobe(&rp->kp);
}

/* The kernel says by clearing the address that it refused. */
static int pb_kprobe_unregister(struct kretprobe *rp, u32 mechanism)
{
	if (mechanism == PB_MECH_KRETPROBE)
		unregister_kretprobe(rp);
	else
		unregister_kprobe(&rp->kp);
	return rp->kp.addr ? 0 : -EBUSY;
}

/*
 * Registers again where the probe got a slot in its own list (pb_slot.h), as long
 * as there are fillers; @held: slots that they held.
 */
static int pb_kprobe_register_apart(struct kretprobe *rp, u32 mechanism, u32 *held)
{
	const struct kretprobe fresh = *rp;
	int err = pb_kprobe_register(rp, mechanism);

	for (*held = 0; !err && *held < PB_MAX_FILLERS; (*held)++) {
		if (!pb_kprobe_in_own_list(&rp->kp) ||
		    pb_kprobe_unregister(rp, mechanism))
			break;
		err = pb_slot_hold();
		if (err)
			break;
		*rp = fresh;
		err = pb_kprobe_register(rp, mechanism);
	}
	pb_slot_release();
	return err;
}

static void pb_kprobe_look(struct pb_evidence *ev, struct kretprobe *rp)
{
	pb_text_kprobe(ev, &rp->kp, pb_aggregate_of(&rp->kp));
	ev->nmissed += rp->nmissed;
}

/* One probe. */

static struct kretprobe pb_kprobe;
static u32 pb_kprobe_slots_held;

static int pb_kprobe_arm(const struct pb_mech_ops *mech, u32 site, u32 handler)
{
	memset(&pb_kprobe, 0, sizeof(pb_kprobe));
	pb_kprobe.kp.addr = (kprobe_opcode_t *)pb_site_probe_addr(site);
	pb_kprobe.maxactive = PB_MAXACTIVE;
	pb_kprobe_give(&pb_kprobe, mech->id, handler, false);
	return pb_kprobe_register_apart(&pb_kprobe, mech->id,
					&pb_kprobe_slots_held);
}

static int pb_kprobe_disarm(const struct pb_mech_ops *mech)
{
	return pb_kprobe_unregister(&pb_kprobe, mech->id);
}

static void pb_kprobe_set_handler(const struct pb_mech_ops *mech, u32 handler)
{
	pb_kprobe_give(&pb_kprobe, mech->id, handler, false);
}

static void pb_kprobe_evidence(struct pb_evidence *ev)
{
	pb_kprobe_look(ev, &pb_kprobe);
	ev->slots_held = pb_kprobe_slots_held;
}

static unsigned long pb_kprobe_patch_addr(u32 site)
{
	unsigned long addr = pb_site_probe_addr(site);

	return BIT(site) & PB_ENTRY_SITES ? pb_arch_entry(addr) : addr;
}

/*
 * Sets. They are registered disabled, which decides everything but the text:
 * boundaries, the slot, whether a detour can be made. Enabling patches, and
 * queues for the optimizer.
 */

static void pb_kprobe_set_use_handler_of(struct pb_set_entry *e, const struct pb_set *r)
{
	pb_kprobe_give(&e->rp, r->mechanism, r->handler, r->flags & PB_SET_TALLY);
}

static int pb_kprobe_set_use_handler(struct pb_set_state *set)
{
	struct pb_set_entry *e;

	pb_set_for_each_registered(e, set)
		pb_kprobe_set_use_handler_of(e, &set->request);
	return 0;
}

static int pb_kprobe_set_register(struct pb_set_entry *e, const struct pb_set *r)
{
	u32 held;

	e->rp.kp.addr = (kprobe_opcode_t *)e->asked;
	e->rp.kp.flags = KPROBE_FLAG_DISABLED;
	e->rp.maxactive = r->maxactive;
	pb_kprobe_set_use_handler_of(e, r);
	/* Among many probes the lists of all are what is measured. */
	if (r->count == 1)
		return pb_kprobe_register_apart(&e->rp, r->mechanism, &held);
	return pb_kprobe_register(&e->rp, r->mechanism);
}

static int pb_kprobe_set_add(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	int err;

	pb_set_for_each(e, set) {
		err = pb_kprobe_set_register(e, &set->request);
		if (err)
			pb_set_fail(e, PB_SET_STEP_REGISTER, err);
		else	/* it may have moved past endbr64 */
			e->patch_addr = (unsigned long)e->rp.kp.addr;
		cond_resched();
	}
	return 0;
}

static void pb_kprobe_set_arm(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	int err;

	pb_set_for_each_registered(e, set) {
		err = enable_kprobe(&e->rp.kp);
		if (err)
			pb_set_fail(e, PB_SET_STEP_ARM, err);
		e->armed = !err;
		cond_resched();
	}
}

static void pb_kprobe_set_disarm(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	int err;

	pb_set_for_each_armed(e, set) {
		err = disable_kprobe(&e->rp.kp);
		if (err)
			pb_set_fail(e, PB_SET_STEP_DISARM, err);
		e->armed = err;
		cond_resched();
	}
}

/* All at once: a grace period for each would take seconds. */
static void pb_kprobe_set_remove(struct pb_set_state *set)
{
	bool returns = set->request.mechanism == PB_MECH_KRETPROBE;
	struct pb_set_entry *e;
	void **probes;	/* a kretprobe begins with its kprobe */
	int n = 0;

	probes = kvcalloc(set->request.count, sizeof(*probes), GFP_KERNEL);
	pb_set_for_each_registered(e, set) {
		if (probes)
			probes[n++] = &e->rp;
		else
			pb_kprobe_unregister(&e->rp, set->request.mechanism);
	}
	BUILD_BUG_ON(offsetof(struct kretprobe, kp));
	if (probes && returns)
		unregister_kretprobes((struct kretprobe **)probes, n);
	else if (probes)
		unregister_kprobes((struct kprobe **)probes, n);
	kvfree(probes);
}

static u64 pb_kprobe_set_missed(const struct pb_set_entry *e)
{
	return e->rp.kp.nmissed + e->rp.nmissed;
}

static void pb_kprobe_set_evidence(struct pb_set_entry *e, struct pb_evidence *ev)
{
	pb_kprobe_look(ev, &e->rp);
}

static const struct pb_set_ops pb_kprobe_set = {
	.add = pb_kprobe_set_add,
	.arm = pb_kprobe_set_arm,
	.disarm = pb_kprobe_set_disarm,
	.remove = pb_kprobe_set_remove,
	.use_handler = pb_kprobe_set_use_handler,
	.missed = pb_kprobe_set_missed,
	.evidence = pb_kprobe_set_evidence,
};

#define PB_KPROBE_OPS(form)			\
	.id = form,				\
	.arm = pb_kprobe_arm,			\
	.disarm = pb_kprobe_disarm,		\
	.set_handler = pb_kprobe_set_handler,	\
	.evidence = pb_kprobe_evidence,		\
	.patch_addr = pb_kprobe_patch_addr,	\
	.set = &pb_kprobe_set

const struct pb_mech_ops pb_mech_kprobe = {
	.name = "kprobe",
	.sites = PB_ENTRY_SITES | PB_MID_SITES,
	PB_KPROBE_OPS(PB_MECH_KPROBE),
};

const struct pb_mech_ops pb_mech_kprobe_post = {
	.name = "kprobe-post",
	.sites = PB_ENTRY_SITES | PB_MID_SITES,
	PB_KPROBE_OPS(PB_MECH_KPROBE_POST),
};

const struct pb_mech_ops pb_mech_kretprobe = {
	.name = "kretprobe",
	.sites = PB_ENTRY_SITES,
	PB_KPROBE_OPS(PB_MECH_KRETPROBE),
};
