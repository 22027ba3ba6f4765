// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of kprobes and kretprobes. They are registered disabled, which decides
 * everything but the text: boundaries, the slot, whether a detour can be
 * made. Enabling patches, and queues for the optimizer.
 */
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/version.h>

#include "pb_handlers.h"
#include "pb_set.h"
#include "pb_text.h"

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
 * A tally counts twice: what the probes have by themselves must add up to what
 * the counting handler has.
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

static int pb_set_kprobe_accepts(u32 handler, u32 flags)
{
	return 0;
}

/* The kernel reads each of these pointers at every hit. */
static void pb_set_give_pre(struct pb_set_entry *e, const struct pb_set *r)
{
	WRITE_ONCE(e->rp.kp.pre_handler, r->flags & PB_SET_TALLY ?
		   pb_tally_pre : pb_handler_get(r->handler)->kprobe_pre);
}

static void pb_set_give_post(struct pb_set_entry *e, const struct pb_set *r)
{
	WRITE_ONCE(e->rp.kp.post_handler, r->flags & PB_SET_TALLY ?
		   pb_tally_post : pb_handler_get(r->handler)->kprobe_post);
}

static void pb_set_give_return(struct pb_set_entry *e, const struct pb_set *r)
{
	WRITE_ONCE(e->rp.handler, r->flags & PB_SET_TALLY ?
		   pb_tally_return : pb_handler_get(r->handler)->kretprobe);
}

static void pb_set_give(struct pb_set_entry *e, const struct pb_set *r)
{
	switch (r->mechanism) {
	case PB_MECH_KPROBE:
		return pb_set_give_pre(e, r);
	case PB_MECH_KPROBE_POST:
		return pb_set_give_post(e, r);
	case PB_MECH_KRETPROBE:
		return pb_set_give_return(e, r);
	}
}

static int pb_set_kprobe_use_handler(struct pb_set_state *set)
{
	u32 i;

	for (i = 0; i < set->request.count; i++)
		if (set->entries[i].patch_addr)
			pb_set_give(&set->entries[i], &set->request);
	return 0;
}

static int pb_set_kprobe_register(struct pb_set_entry *e, const struct pb_set *r)
{
	e->rp.kp.addr = (kprobe_opcode_t *)e->asked;
	e->rp.kp.flags = KPROBE_FLAG_DISABLED;
	pb_set_give(e, r);
	if (r->mechanism != PB_MECH_KRETPROBE)
		return register_kprobe(&e->rp.kp);
	e->rp.maxactive = r->maxactive;
	return register_kretprobe(&e->rp);
}

static int pb_set_kprobe_add(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	int err;
	u32 i;

	for (i = 0; i < set->request.count; i++) {
		e = &set->entries[i];
		err = pb_set_kprobe_register(e, &set->request);
		if (err)
			pb_set_fail(e, PB_SET_STEP_REGISTER, err);
		else	/* it may have moved past endbr64 */
			e->patch_addr = (unsigned long)e->rp.kp.addr;
		cond_resched();
	}
	return 0;
}

static void pb_set_kprobe_arm(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	int err;
	u32 i;

	for (i = 0; i < set->request.count; i++) {
		e = &set->entries[i];
		if (!e->patch_addr)
			continue;
		err = enable_kprobe(&e->rp.kp);
		if (err)
			pb_set_fail(e, PB_SET_STEP_ARM, err);
		e->armed = !err;
		cond_resched();
	}
}

static void pb_set_kprobe_disarm(struct pb_set_state *set)
{
	struct pb_set_entry *e;
	int err;
	u32 i;

	for (i = 0; i < set->request.count; i++) {
		e = &set->entries[i];
		if (!e->armed)
			continue;
		err = disable_kprobe(&e->rp.kp);
		if (err)
			pb_set_fail(e, PB_SET_STEP_DISARM, err);
		e->armed = false;
		cond_resched();
	}
}

/* All at once: a grace period for each would take seconds. */
static void pb_set_kprobe_remove(struct pb_set_state *set)
{
	struct kprobe **kps;
	int n = 0;
	u32 i;

	kps = kvcalloc(set->request.count, sizeof(*kps), GFP_KERNEL);
	for (i = 0; i < set->request.count; i++) {
		if (!set->entries[i].patch_addr)
			continue;
		if (kps)
			kps[n++] = &set->entries[i].rp.kp;
		else
			unregister_kprobe(&set->entries[i].rp.kp);
	}
	if (kps)
		unregister_kprobes(kps, n);
	kvfree(kps);
}

static void pb_set_kretprobe_remove(struct pb_set_state *set)
{
	struct kretprobe **rps;
	int n = 0;
	u32 i;

	rps = kvcalloc(set->request.count, sizeof(*rps), GFP_KERNEL);
	for (i = 0; i < set->request.count; i++) {
		if (!set->entries[i].patch_addr)
			continue;
		if (rps)
			rps[n++] = &set->entries[i].rp;
		else
			unregister_kretprobe(&set->entries[i].rp);
	}
	if (rps)
		unregister_kretprobes(rps, n);
	kvfree(rps);
}

static u64 pb_set_kprobe_missed(const struct pb_set_entry *e)
{
	return e->rp.kp.nmissed + e->rp.nmissed;
}

static void pb_set_kprobe_evidence(const struct pb_set_entry *e,
				   struct pb_evidence *ev)
{
	struct kprobe *p = (struct kprobe *)&e->rp.kp;

	pb_text_kprobe(ev, p, pb_aggregate_of(p));
	ev->nmissed += e->rp.nmissed;
}

#define PB_SET_KPROBE_OPS(remover) {			\
	.accepts = pb_set_kprobe_accepts,		\
	.add = pb_set_kprobe_add,			\
	.arm = pb_set_kprobe_arm,			\
	.disarm = pb_set_kprobe_disarm,			\
	.remove = remover,				\
	.use_handler = pb_set_kprobe_use_handler,	\
	.missed = pb_set_kprobe_missed,			\
	.evidence = pb_set_kprobe_evidence,		\
}

const struct pb_set_ops pb_set_kprobe = PB_SET_KPROBE_OPS(pb_set_kprobe_remove);
const struct pb_set_ops pb_set_kprobe_post = PB_SET_KPROBE_OPS(pb_set_kprobe_remove);
const struct pb_set_ops pb_set_kretprobe = PB_SET_KPROBE_OPS(pb_set_kretprobe_remove);
