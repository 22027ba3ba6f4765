// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "pb_arch.h"
#include "pb_field.h"
#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_set.h"
#include "pb_text.h"
#include "pb_window.h"
#include "pb_work.h"

/* The optimizer takes 256 probes at a time, and sleeps in between. */
#define PB_SET_DEADLINE_MS	10000
/* Of a sum that a hit disturbed. */
#define PB_SET_COUNT_TRIES	100

static struct pb_set_ticks pb_set_last_ticks;

int pb_set_step_ticks(struct pb_set_ticks *ticks)
{
	*ticks = pb_set_last_ticks;
	return 0;
}

void pb_set_fail(struct pb_set_entry *e, u32 step, int err)
{
	e->error = err;
	e->step = step;
}

static int pb_set_accepts(const struct pb_set_ops *ops, u32 handler, u32 flags)
{
	if (handler >= PB_NR_HANDLERS || (flags & ~PB_SET_TALLY))
		return -EINVAL;
	if (ops->accepts && !ops->accepts(handler, flags))
		return -EOPNOTSUPP;
	return 0;
}

static int pb_set_check(const struct pb_set *request, const struct pb_set_ops **ops)
{
	const struct pb_mech_ops *mech;

	if (request->mechanism >= PB_NR_MECHANISMS || !request->count ||
	    request->count > PB_MAX_SET)
		return -EINVAL;
	/* Each instance is memory: some 100 bytes and what the kernel keeps with it. */
	if (request->maxactive > PB_MAX_ACTIVE ||
	    request->maxactive * request->count > PB_MAX_INSTANCES)
		return -EINVAL;
	mech = pb_mech_get(request->mechanism);
	if (!mech || !mech->set)
		return -EOPNOTSUPP;
	*ops = mech->set;
	return pb_set_accepts(*ops, request->handler, request->flags);
}

static int pb_set_prepare_work(const struct pb_set *request)
{
	struct pb_attach args = {
		.handler = request->handler,
		.delay_ns = request->delay_ns,
		.user_string = request->user_string,
	};

	return pb_work_prepare(&args);
}

/* Counting handlers are not called here: their count is of hits. */
static void pb_set_learn(struct pb_set_state *set)
{
	u32 handler = set->request.handler;
	bool dear = handler != PB_HANDLER_NOP && handler != PB_HANDLER_COUNT &&
		    !(set->request.flags & PB_SET_TALLY);

	set->handler_ticks = dear ? pb_field_handler_ticks(handler) : 0;
}

static void pb_set_free(struct pb_set_state *set)
{
	free_percpu(set->hits);
	kvfree(set->entries);
	memset(set, 0, sizeof(*set));
}

static int pb_set_allocate(struct pb_set_state *set)
{
	set->entries = kvcalloc(set->request.count, sizeof(*set->entries),
				GFP_KERNEL);
	set->hits = alloc_percpu(struct pb_set_hits);
	if (set->entries && set->hits)
		return 0;
	pb_set_free(set);
	return -ENOMEM;
}

static int pb_set_take_addresses(struct pb_set_state *set)
{
	const u64 __user *from = (const u64 __user *)(uintptr_t)set->request.addresses;
	struct pb_set_entry *e;
	u64 addr;

	pb_set_for_each(e, set) {
		if (get_user(addr, from + (e - set->entries)))
			return -EFAULT;
		e->asked = addr;
		e->hits = &set->hits->of[e - set->entries];
	}
	return 0;
}

static void pb_set_read_originals(struct pb_set_state *set)
{
	struct pb_set_entry *e;

	pb_set_for_each_registered(e, set) {
		set->registered++;
		pb_text_copy(e->original, e->patch_addr, sizeof(e->original));
	}
}

int pb_set_define(struct pb_set_state *set, const struct pb_set *request)
{
	const struct pb_set_ops *ops;
	u64 start;
	int err;

	if (set->ops)
		return -EBUSY;
	err = pb_set_check(request, &ops);
	if (!err)
		err = pb_set_prepare_work(request);
	if (err)
		return err;
	set->request = *request;
	err = pb_set_allocate(set);
	if (err)
		return err;
	err = pb_set_take_addresses(set);
	if (err)
		goto free_set;
	set->ops = ops;
	start = pb_clock();
	err = ops->add(set);
	pb_set_last_ticks.add = pb_clock() - start;
	if (err)
		goto free_set;
	pb_set_read_originals(set);
	pb_set_learn(set);
	return 0;

free_set:
	pb_set_free(set);
	return err;
}

static bool pb_set_any_armed(const struct pb_set_state *set)
{
	const struct pb_set_entry *e;

	pb_set_for_each_armed(e, set)
		return true;
	return false;
}

int pb_set_arm(struct pb_set_state *set)
{
	u64 start;

	if (!set->ops || !set->registered)
		return -ENOENT;
	if (set->armed)
		return -EBUSY;
	pb_work_begin(set->request.handler);
	start = pb_clock();
	set->ops->arm(set);
	pb_set_last_ticks.arm = pb_clock() - start;
	set->armed = pb_set_any_armed(set);
	return 0;
}

int pb_set_use_handler(struct pb_set_state *set, const struct pb_set_handler *h)
{
	int err;

	if (!set->ops)
		return -ENOENT;
	err = pb_set_accepts(set->ops, h->handler, h->flags);
	if (err)
		return err;
	set->request.handler = h->handler;
	set->request.flags = h->flags;
	pb_work_begin(h->handler);
	err = set->ops->use_handler(set);
	pb_set_learn(set);
	return err;
}

static bool pb_set_is_restored(const struct pb_set_entry *e)
{
	u8 now[PB_SITE_BYTES];

	return pb_text_copy(now, e->patch_addr, sizeof(now)) == sizeof(now) &&
	       !memcmp(now, e->original, sizeof(now));
}

/* Sites near each other share bytes, so each is looked at when all are out. */
static int pb_set_wait_restored(struct pb_set_state *set)
{
	unsigned long end = jiffies + msecs_to_jiffies(PB_SET_DEADLINE_MS);
	struct pb_set_entry *e;
	int err = 0;

	pb_set_for_each_registered(e, set) {
		while (!pb_set_is_restored(e) && time_before(jiffies, end))
			msleep(20);
		if (pb_set_is_restored(e))
			continue;
		err = -ETIMEDOUT;
		pb_set_fail(e, PB_SET_STEP_DISARM, err);
	}
	return err;
}

int pb_set_disarm(struct pb_set_state *set)
{
	u64 start;

	if (!set->ops || !set->armed)
		return -ENOENT;
	start = pb_clock();
	set->ops->disarm(set);
	pb_set_last_ticks.disarm = pb_clock() - start;
	set->armed = pb_set_any_armed(set);
	return set->armed ? -EBUSY : pb_set_wait_restored(set);
}

int pb_set_clear(struct pb_set_state *set)
{
	u64 start;
	int err = 0;

	if (!set->ops)
		return -ENOENT;
	if (set->armed)
		err = pb_set_disarm(set);
	if (set->armed)	/* their handlers are our text */
		return err;
	start = pb_clock();
	set->ops->remove(set);
	pb_set_last_ticks.remove = pb_clock() - start;
	pb_set_free(set);
	return err;
}

static u64 pb_set_hits_of(const struct pb_set_entry *e)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(e->hits, cpu));
	return sum;
}

static u64 pb_set_tallied(const struct pb_set_state *set)
{
	const struct pb_set_entry *e;
	u64 sum = 0;

	pb_set_for_each(e, set)
		sum += pb_set_hits_of(e);
	return sum;
}

/*
 * Both of one moment: an interrupt may hit probes meanwhile. It is not kept
 * out, since adding up all probes of all CPUs takes long.
 */
static void pb_set_count(const struct pb_set_state *set,
			 struct pb_set_totals *totals)
{
	unsigned int tries = PB_SET_COUNT_TRIES;

	do {
		totals->hits = pb_hits_all();
		totals->tallied = pb_set_tallied(set);
	} while (totals->hits != pb_hits_all() && --tries);
}

static u64 pb_set_missed(const struct pb_set_state *set, const struct pb_set_entry *e)
{
	return set->ops->missed ? set->ops->missed(e) : 0;
}

int pb_set_totals(const struct pb_set_state *set, struct pb_set_totals *totals)
{
	const struct pb_set_entry *e;
	u8 first;

	if (!set->ops)
		return -ENOENT;
	memset(totals, 0, sizeof(*totals));
	totals->probes = set->request.count;
	totals->registered = set->registered;
	pb_set_count(set, totals);
	pb_set_for_each_registered(e, set) {
		totals->missed += pb_set_missed(set, e);
		totals->patched += !pb_set_is_restored(e);
		if (pb_text_copy(&first, e->patch_addr, 1) && pb_arch_is_jump(&first))
			totals->jumps++;
	}
	return 0;
}

static int pb_set_show(const struct pb_set_state *set, u32 index,
		       struct pb_evidence *ev, struct pb_set_probe *p)
{
	const struct pb_set_entry *e = &set->entries[index];
	int err = pb_set_look(set, index, ev);

	if (err)
		return err;
	memset(p, 0, sizeof(*p));
	p->address = e->patch_addr ? e->patch_addr : e->asked;
	p->error = e->error;
	p->step = e->step;
	p->flags = ev->flags;
	memcpy(p->original, e->original, sizeof(p->original));
	memcpy(p->now, ev->site, sizeof(p->now));
	if (!e->patch_addr)
		return 0;
	p->hits = pb_set_hits_of(e);
	p->missed = pb_set_missed(set, e);
	return 0;
}

int pb_set_read(const struct pb_set_state *set, const struct pb_set_read *read)
{
	struct pb_set_probe __user *to = (void __user *)(uintptr_t)read->probes;
	struct pb_evidence *ev;
	struct pb_set_probe p;
	int err = 0;
	u32 i;

	if (!set->ops)
		return -ENOENT;
	if (read->first > set->request.count ||
	    read->count > set->request.count - read->first)
		return -EINVAL;
	ev = kvmalloc(sizeof(*ev), GFP_KERNEL);
	if (!ev)
		return -ENOMEM;
	for (i = 0; i < read->count && !err; i++) {
		err = pb_set_show(set, read->first + i, ev, &p);
		if (!err && copy_to_user(to + i, &p, sizeof(p)))
			err = -EFAULT;
	}
	kvfree(ev);
	return err;
}

int pb_set_look(const struct pb_set_state *set, u32 index, struct pb_evidence *ev)
{
	struct pb_set_entry *e;

	if (!set->ops)
		return -ENOENT;
	if (index >= set->request.count)
		return -EINVAL;
	e = &set->entries[index];
	memset(ev, 0, sizeof(*ev));
	if (!e->patch_addr)
		return 0;
	set->ops->evidence(e, ev);
	if (e->armed)
		ev->flags |= PB_EV_ATTACHED;
	return 0;
}
