// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel exports no way to find a kprobe that somebody else registered.
 * Its table is walked here, not get_kprobe() called: a function whose address
 * nobody takes has lost its endbr64 on IBT kernels.
 */
#include <linux/kprobes.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include <asm/debugreg.h>

#include "pb_foreign.h"
#include "pb_slot.h"
#include "pb_text.h"

#define PB_BREAKPOINTS		4

/*
 * kallsyms_lookup_name() is not exported, but register_kprobe() looks a name
 * up before it refuses to probe data. NULL without CONFIG_KALLSYMS_ALL.
 */
static struct hlist_head *pb_kprobe_table(void)
{
	static struct hlist_head *table;
	struct kprobe p = { .symbol_name = "kprobe_table" };

	if (table)
		return table;
	if (!register_kprobe(&p)) {
		unregister_kprobe(&p);
		return NULL;
	}
	table = (struct hlist_head *)p.addr;
	return table;
}

static struct kprobe *pb_foreign_find(struct hlist_head *table,
				      unsigned long addr)
{
	struct kprobe *p;
	int i;

	for (i = 0; i < 1 << PB_KPROBE_LIST_BITS; i++)
		hlist_for_each_entry_rcu(p, &table[i], hlist)
			if ((unsigned long)p->addr == addr)
				return p;
	return NULL;
}

/* A probe in the table has children when the kernel made it to hold them. */
static void pb_foreign_kprobe(struct pb_evidence *ev, struct kprobe *p)
{
	bool aggregate = !list_empty(&p->list);
	struct kprobe *child;

	pb_text_kprobe(ev, p, aggregate ? p : NULL);
	if (!aggregate)
		return;
	list_for_each_entry_rcu(child, &p->list, list)
		ev->nmissed += child->nmissed;
}

/* Does debug register @n of this CPU stop at an instruction at @addr? */
static bool pb_breaks_at(int n, unsigned long dr7, unsigned long addr)
{
	unsigned long held = 0;
	unsigned long type = dr7 >> (DR_CONTROL_SHIFT + n * DR_CONTROL_SIZE);

	if (!(dr7 & (3ul << (n * DR_ENABLE_SIZE))) || (type & 3) != DR_RW_EXECUTE)
		return false;
	switch (n) {
	case 0:
		get_debugreg(held, 0);
		break;
	case 1:
		get_debugreg(held, 1);
		break;
	case 2:
		get_debugreg(held, 2);
		break;
	case 3:
		get_debugreg(held, 3);
		break;
	}
	return held == addr;
}

static void pb_foreign_breakpoint(struct pb_evidence *ev, unsigned long addr)
{
	unsigned long dr7;
	int n;

	preempt_disable();
	get_debugreg(dr7, 7);
	for (n = 0; n < PB_BREAKPOINTS; n++)
		if (pb_breaks_at(n, dr7, addr))
			ev->flags |= PB_EV_BREAKPOINT;
	preempt_enable();
}

void pb_foreign_evidence(struct pb_evidence *ev, unsigned long addr)
{
	struct hlist_head *table = pb_kprobe_table();
	struct kprobe *p;

	pb_text_site(ev, addr);
	pb_foreign_breakpoint(ev, addr);
	if (!table)
		return;
	rcu_read_lock();
	p = pb_foreign_find(table, addr);
	if (p)
		pb_foreign_kprobe(ev, p);
	rcu_read_unlock();
}
