/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stepped probe traps twice, and the kernel looks both addresses up among its
 * kprobes: the site, and what follows the copied instruction in the slot. Where
 * these fall into the same list, the second look-up passes the probe's own
 * entry, and the count is higher by what that costs. Such a slot is held by a
 * filler, so that the probe gets another one when it is registered again.
 */
#ifndef PB_SLOT_H
#define PB_SLOT_H

#include <linux/types.h>

struct kprobe;

/* Of kernel/kprobes.c, KPROBE_HASH_BITS. */
#define PB_KPROBE_LIST_BITS	6

#define PB_MAX_FILLERS		4

/* @p is registered; @aggregate: as in pb_text.h. */
bool pb_slot_in_own_list(const struct kprobe *p, const struct kprobe *aggregate);
/* Of a probe of ours. */
bool pb_kprobe_in_own_list(struct kprobe *p);

/*
 * Holds the slot that the next probe would get, which is the one that a probe
 * just gave back. -ENOSPC: there is no filler left.
 */
int pb_slot_hold(void);
void pb_slot_release(void);

#endif
