/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PB_TEXT_H
#define PB_TEXT_H

#include <linux/types.h>

#include "pb_abi.h"

struct kprobe;

/*
 * Copies up to @len bytes of kernel text at @addr, never past the end of the
 * page: what follows an instruction slot may not be mapped. Returns the
 * number of bytes copied.
 */
u32 pb_text_copy(u8 *to, unsigned long addr, u32 len);

/* Where ftrace patches the function at @addr; 0: nowhere that can be told. */
unsigned long pb_text_ftrace_place(unsigned long addr);

void pb_text_site(struct pb_evidence *ev, unsigned long addr);
/* @aggregate: NULL when the kernel made none for @p; it may be @p itself. */
void pb_text_kprobe(struct pb_evidence *ev, struct kprobe *p,
		    struct kprobe *aggregate);
/* The aggregate of a registered kprobe of ours; NULL: none, or not to be told. */
struct kprobe *pb_aggregate_of(struct kprobe *p);

/*
 * Waits, sleeping, until the text at @addr is @want again. Un-optimizing is
 * asynchronous: bytes come back after the optimizer's next pass.
 */
int pb_text_wait(unsigned long addr, const u8 *want, u32 len);

#endif
