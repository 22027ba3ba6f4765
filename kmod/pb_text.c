// SPDX-License-Identifier: GPL-2.0-only
/*
 * Evidence: the bytes that say which mechanism is at work.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "pb_arch.h"
#include "pb_slot.h"
#include "pb_text.h"

#define PB_TEXT_DEADLINE_MS 5000

/* Text may go on in the next page, which need not be mapped behind a slot. */
u32 pb_text_copy(u8 *to, unsigned long addr, u32 len)
{
	u32 in_page = PAGE_SIZE - offset_in_page(addr);
	u32 n = min(len, in_page);

	if (!addr)
		return 0;
	if (!copy_from_kernel_nofault(to, (void *)addr, len))
		return len;
	return copy_from_kernel_nofault(to, (void *)addr, n) ? 0 : n;
}

/* ftrace_location() is not exported. */
unsigned long pb_text_ftrace_place(unsigned long addr)
{
	u8 text[PB_ARCH_FTRACE_SIZE] = {};

	if (!pb_arch_is_text_address(addr) ||
	    !pb_text_copy(text, addr, sizeof(text)))
		return 0;
	return pb_arch_ftrace_place(addr, text);
}

void pb_text_site(struct pb_evidence *ev, unsigned long addr)
{
	ev->site_addr = addr;
	ev->site_len = pb_text_copy(ev->site, addr, sizeof(ev->site));
}

/*
 * A probe that could be optimized is the only child of an aggregate, which
 * the kernel made and does not export. The child's list node leads to it.
 * With more children (somebody else's probe at our site) the head cannot be
 * told from a sibling, so nothing is claimed.
 */
struct kprobe *pb_aggregate_of(struct kprobe *p)
{
	if (list_empty(&p->list) || p->list.next != p->list.prev)
		return NULL;
	return list_entry(p->list.next, struct kprobe, list);
}

static void pb_text_detour(struct pb_evidence *ev, struct kprobe *aggregate)
{
#ifdef CONFIG_OPTPROBES
	struct optimized_kprobe *op;

	op = container_of(aggregate, struct optimized_kprobe, kp);
	if (!arch_prepared_optinsn(&op->optinsn))
		return;
	ev->flags |= PB_EV_PREPARED | PB_EV_DETOUR;
	ev->detour_addr = (unsigned long)op->optinsn.insn;
	ev->detour_len = pb_text_copy(ev->detour, ev->detour_addr,
				      sizeof(ev->detour));
#endif
}

static void pb_text_slot(struct pb_evidence *ev, struct kprobe *p)
{
	if (pb_arch_is_emulated(p))
		ev->flags |= PB_EV_EMULATED;
	if (!pb_arch_slot(p))
		return;
	ev->flags |= PB_EV_SLOT;
	ev->slot_addr = pb_arch_slot(p);
	ev->slot_len = pb_text_copy(ev->slot, ev->slot_addr, sizeof(ev->slot));
	if (pb_arch_is_boostable(p))
		ev->flags |= PB_EV_BOOSTABLE;
}

void pb_text_kprobe(struct pb_evidence *ev, struct kprobe *p,
		    struct kprobe *aggregate)
{
	u32 flags = aggregate ? aggregate->flags : p->flags;

	pb_text_site(ev, (unsigned long)p->addr);
	ev->flags |= PB_EV_KPROBE;
	ev->nmissed = p->nmissed;
	if (flags & KPROBE_FLAG_OPTIMIZED)
		ev->flags |= PB_EV_OPTIMIZED;
	if (flags & KPROBE_FLAG_FTRACE) {
		ev->flags |= PB_EV_FTRACE;
		return;
	}
	pb_text_slot(ev, p);
	if (pb_slot_in_own_list(p, aggregate))
		ev->flags |= PB_EV_OWN_LIST;
	if (aggregate)
		pb_text_detour(ev, aggregate);
}

int pb_text_wait(unsigned long addr, const u8 *want, u32 len)
{
	unsigned long end = jiffies + msecs_to_jiffies(PB_TEXT_DEADLINE_MS);
	u8 now[PB_SITE_BYTES];

	for (;;) {
		if (pb_text_copy(now, addr, len) == len && !memcmp(now, want, len))
			return 0;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		msleep(20);
	}
}
