// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/string.h>

#include "pb_arch.h"
#include "pb_sites.h"
#include "pb_slot.h"
#include "pb_text.h"

/* Twins, whose text a disabled probe leaves alone; none is of an ftrace location. */
static const u32 pb_filler_sites[PB_MAX_FILLERS] = {
	PB_SITE_MID_STEP, PB_SITE_NOTRACE, PB_SITE_MID_EMULATED, PB_SITE_MID,
};

static struct kprobe pb_fillers[PB_MAX_FILLERS];
static u32 pb_nr_fillers;

bool pb_slot_in_own_list(const struct kprobe *p, const struct kprobe *aggregate)
{
	u32 flags = aggregate ? aggregate->flags : p->flags;
	unsigned long trap = pb_arch_second_trap(p);

	return trap && !(flags & (KPROBE_FLAG_OPTIMIZED | KPROBE_FLAG_FTRACE)) &&
	       hash_ptr((void *)trap, PB_KPROBE_LIST_BITS) ==
	       hash_ptr(p->addr, PB_KPROBE_LIST_BITS);
}

bool pb_kprobe_in_own_list(struct kprobe *p)
{
	return pb_slot_in_own_list(p, pb_aggregate_of(p));
}

int pb_slot_hold(void)
{
	struct kprobe *p;
	int err;

	if (pb_nr_fillers == PB_MAX_FILLERS)
		return -ENOSPC;
	p = &pb_fillers[pb_nr_fillers];
	memset(p, 0, sizeof(*p));
	p->addr = (kprobe_opcode_t *)
		pb_site_twin_addr(pb_filler_sites[pb_nr_fillers]);
	p->flags = KPROBE_FLAG_DISABLED;
	err = register_kprobe(p);
	if (!err)
		pb_nr_fillers++;
	return err;
}

void pb_slot_release(void)
{
	while (pb_nr_fillers)
		unregister_kprobe(&pb_fillers[--pb_nr_fillers]);
}
