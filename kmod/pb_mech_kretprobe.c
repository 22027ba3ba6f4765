// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kprobes.h>
#include <linux/string.h>

#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_sites.h"
#include "pb_text.h"

/* Calls are not nested and not preempted: more than enough instances. */
#define PB_MAXACTIVE 16

static struct kretprobe pb_kretprobe;

static int pb_kretprobe_arm(u32 site, u32 handler)
{
	memset(&pb_kretprobe, 0, sizeof(pb_kretprobe));
	pb_kretprobe.kp.addr = (kprobe_opcode_t *)pb_site_probe_addr(site);
	pb_kretprobe.handler = pb_handler_get(handler)->kretprobe;
	pb_kretprobe.maxactive = PB_MAXACTIVE;
	return register_kretprobe(&pb_kretprobe);
}

static int pb_kretprobe_disarm(void)
{
	unregister_kretprobe(&pb_kretprobe);
	return pb_kprobe_gone(pb_kretprobe.kp.addr);
}

/* Read at every return. */
static void pb_kretprobe_set_handler(u32 handler)
{
	WRITE_ONCE(pb_kretprobe.handler, pb_handler_get(handler)->kretprobe);
}

static void pb_kretprobe_evidence(struct pb_evidence *ev)
{
	pb_text_kprobe(ev, &pb_kretprobe.kp,
		       pb_aggregate_of(&pb_kretprobe.kp));
	ev->nmissed += pb_kretprobe.nmissed;
}

const struct pb_mech_ops pb_mech_kretprobe = {
	.name = "kretprobe",
	.sites = PB_ENTRY_SITES,
	.arm = pb_kretprobe_arm,
	.disarm = pb_kretprobe_disarm,
	.set_handler = pb_kretprobe_set_handler,
	.evidence = pb_kretprobe_evidence,
	.patch_addr = pb_kprobe_patch_addr,
	.kprobe = &pb_kretprobe.kp,
};
