// SPDX-License-Identifier: GPL-2.0-only
/* A function on a static tracepoint of the module; another handler is another function. */
#include "pb_handlers.h"
#include "pb_mech.h"
#include "pb_sites.h"
#include "pb_text.h"

static u32 pb_tracepoint_handler;

static int pb_tracepoint_arm(const struct pb_mech_ops *mech, u32 site, u32 handler)
{
	pb_tracepoint_handler = handler;
	return pb_site_register_tracepoint(pb_handler_get(handler)->tracepoint);
}

static int pb_tracepoint_disarm(const struct pb_mech_ops *mech)
{
	return pb_site_unregister_tracepoint(
		pb_handler_get(pb_tracepoint_handler)->tracepoint);
}

static void pb_tracepoint_evidence(struct pb_evidence *ev)
{
	pb_text_site(ev, pb_site_static_key_addr());
}

static unsigned long pb_tracepoint_patch_addr(u32 site)
{
	return pb_site_static_key_addr();
}

const struct pb_mech_ops pb_mech_tracepoint = {
	.name = "tracepoint",
	.id = PB_MECH_TRACEPOINT,
	.sites = BIT(PB_SITE_TRACEPOINT),
	.arm = pb_tracepoint_arm,
	.disarm = pb_tracepoint_disarm,
	.evidence = pb_tracepoint_evidence,
	.patch_addr = pb_tracepoint_patch_addr,
};
