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

#include "pb_arch.h"
#include "pb_foreign.h"
#include "pb_slot.h"
#include "pb_text.h"

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

void pb_foreign_evidence(struct pb_evidence *ev, unsigned long addr)
{
	struct hlist_head *table = pb_kprobe_table();
	struct kprobe *p;

	pb_text_site(ev, addr);
	preempt_disable();
	if (pb_arch_breaks_at(addr))
		ev->flags |= PB_EV_BREAKPOINT;
	preempt_enable();
	if (!table)
		return;
	rcu_read_lock();
	p = pb_foreign_find(table, addr);
	if (p)
		pb_foreign_kprobe(ev, p);
	rcu_read_unlock();
}
