// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/string.h>

#include "pb_sites.h"
#include "pb_slot.h"
#include "pb_text.h"

#define PB_INT3		0xcc

/* Twins, whose text a disabled probe leaves alone; none is of an ftrace location. */
static const u32 pb_filler_sites[PB_MAX_FILLERS] = {
	PB_SITE_MID_STEP, PB_SITE_NOTRACE, PB_SITE_MID_EMULATED, PB_SITE_MID,
};

static struct kprobe pb_fillers[PB_MAX_FILLERS];
static u32 pb_nr_fillers;

/* Where a hit of @p traps for the second time; 0: it does not. */
static unsigned long pb_slot_trap(const struct kprobe *p)
{
#ifdef PB_HAVE_EMULATE_OP
	unsigned long trap = (unsigned long)p->ainsn.insn + p->ainsn.size;
	u8 byte;

	if (!p->ainsn.insn || p->ainsn.emulate_op)
		return 0;
	return pb_text_copy(&byte, trap, 1) && byte == PB_INT3 ? trap : 0;
#else
	return 0;	/* it steps with the trap flag, and looks nothing up */
#endif
}

bool pb_slot_in_own_list(const struct kprobe *p, const struct kprobe *aggregate)
{
	u32 flags = aggregate ? aggregate->flags : p->flags;
	unsigned long trap;

	if (flags & (KPROBE_FLAG_OPTIMIZED | KPROBE_FLAG_FTRACE))
		return false;
	trap = pb_slot_trap(p);
	return trap && hash_ptr((void *)trap, PB_KPROBE_LIST_BITS) ==
		       hash_ptr(p->addr, PB_KPROBE_LIST_BITS);
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
