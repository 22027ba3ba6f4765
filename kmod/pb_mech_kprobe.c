// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprobe, with a pre_handler or with a post_handler only. What it becomes
 * (stepped, boosted, emulated, detour, optimized, ftrace) is up to the site,
 * the kernel's configuration and debug.kprobes-optimization.
 */
#include <linux/kprobes.h>
#include <linux/string.h>

#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_sites.h"
#include "pb_text.h"

static struct kprobe pb_kprobe;

/*
 * On IBT kernels a kprobe on an entry moves past endbr64, or past the nop
 * that sealing put there (arch_adjust_kprobe_addr()).
 */
unsigned long pb_kprobe_patch_addr(u32 site)
{
	static const u8 endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	static const u8 sealed[] = { 0x66, 0x0f, 0x1f, 0x00 };
	static const u8 sealed_ud[] = { 0x0f, 0x1f, 0x40, 0xd6 };
	unsigned long addr = pb_site_probe_addr(site);
	const void *text = (const void *)addr;

	if (!(BIT(site) & PB_ENTRY_SITES))
		return addr;
	if (!memcmp(text, endbr, 4) || !memcmp(text, sealed, 4) ||
	    !memcmp(text, sealed_ud, 4))
		return addr + 4;
	return addr;
}

static int pb_kprobe_register(u32 site)
{
	pb_kprobe.addr = (kprobe_opcode_t *)pb_site_probe_addr(site);
	return register_kprobe(&pb_kprobe);
}

static int pb_kprobe_arm(u32 site, u32 handler)
{
	memset(&pb_kprobe, 0, sizeof(pb_kprobe));
	pb_kprobe.pre_handler = pb_handler_get(handler)->kprobe_pre;
#ifdef PB_INJECT_WRONG_MECHANISM
	/* A post_handler rules out optimization and boosting. */
	pb_kprobe.post_handler = pb_handler_get(PB_HANDLER_NOP)->kprobe_post;
#endif
	return pb_kprobe_register(site);
}

static int pb_kprobe_post_arm(u32 site, u32 handler)
{
	memset(&pb_kprobe, 0, sizeof(pb_kprobe));
	pb_kprobe.post_handler = pb_handler_get(handler)->kprobe_post;
	return pb_kprobe_register(site);
}

static int pb_kprobe_disarm(void)
{
	unregister_kprobe(&pb_kprobe);
	return pb_kprobe_gone(pb_kprobe.addr);
}

/* The kernel reads the pointer at every hit, so it may change in place. */
static void pb_kprobe_set_handler(u32 handler)
{
	WRITE_ONCE(pb_kprobe.pre_handler, pb_handler_get(handler)->kprobe_pre);
}

static void pb_kprobe_post_set_handler(u32 handler)
{
	WRITE_ONCE(pb_kprobe.post_handler, pb_handler_get(handler)->kprobe_post);
}

static void pb_kprobe_evidence(struct pb_evidence *ev)
{
	pb_text_kprobe(ev, &pb_kprobe, pb_aggregate_of(&pb_kprobe));
}

const struct pb_mech_ops pb_mech_kprobe = {
	.name = "kprobe",
	.sites = PB_ENTRY_SITES | PB_MID_SITES,
	.arm = pb_kprobe_arm,
	.disarm = pb_kprobe_disarm,
	.set_handler = pb_kprobe_set_handler,
	.evidence = pb_kprobe_evidence,
	.patch_addr = pb_kprobe_patch_addr,
	.kprobe = &pb_kprobe,
};

const struct pb_mech_ops pb_mech_kprobe_post = {
	.name = "kprobe-post",
	.sites = PB_ENTRY_SITES | PB_MID_SITES,
	.arm = pb_kprobe_post_arm,
	.disarm = pb_kprobe_disarm,
	.set_handler = pb_kprobe_post_set_handler,
	.evidence = pb_kprobe_evidence,
	.patch_addr = pb_kprobe_patch_addr,
	.kprobe = &pb_kprobe,
};
