// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probe sites. Each is a function of the module whose probed instruction is
 * chosen, not left to the compiler, and whose address comes from the code
 * itself: offsets from the symbol change with endbr64 and call padding.
 */
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#define CREATE_TRACE_POINTS
#include "pb_trace.h"

#include "pb_arch.h"
#include "pb_sites.h"
#include "pb_text.h"

#define PB_DEFINE_LOOP(fn)				\
static noinline notrace void fn##_loop(u32 calls)	\
{							\
	if (calls)					\
		pb_arch_call_times(fn, calls);		\
}

/*
 * A site and its twin begin at equal places of a cache line, and so do what
 * they return by: where Indirect Target Selection is mitigated ("x86/its: Add
 * support for ITS-safe return thunk", Linux 6.15 and stable kernels), a return
 * in the lower half of a line is a jump to a thunk, one instruction more.
 */
#define PB_SITE_FUNCTION noinline __noclone __aligned(64)

/* A mid-body site: an instruction before it, @insn, an instruction after it. */
#define PB_DEFINE_MID(fn, insn)				\
extern const u32 fn##_offset;				\
unsigned long fn(unsigned long x);			\
PB_SITE_FUNCTION unsigned long fn(unsigned long x)	\
{							\
	unsigned long y = x;				\
							\
	asm volatile(PB_INSN_ADD(1)			\
		     "1:\t" insn "\n\t"			\
		     PB_INSN_ADD(1)			\
		     PB_INSN_PAD			\
		     PB_EXPORT_OFFSET(fn)		\
		     : "+r" (y) : : PB_INSN_CLOBBERS);	\
	return y;					\
}							\
PB_DEFINE_LOOP(fn)

PB_DEFINE_MID(pb_site_mid, PB_INSN_MID)
PB_DEFINE_MID(pb_twin_mid, PB_INSN_MID)
PB_DEFINE_MID(pb_site_mid_step, PB_INSN_STEP)
PB_DEFINE_MID(pb_twin_mid_step, PB_INSN_STEP)
PB_DEFINE_MID(pb_site_mid_emulated, PB_INSN_JUMP)
PB_DEFINE_MID(pb_twin_mid_emulated, PB_INSN_JUMP)

/* The entry sites begin with the same instruction as the mid site. */
#define PB_DEFINE_ENTRY(fn, attr)			\
unsigned long fn(unsigned long x);			\
PB_SITE_FUNCTION attr unsigned long fn(unsigned long x) \
{							\
	unsigned long y = x;				\
							\
	asm volatile(PB_INSN_MID "\n\t"			\
		     PB_INSN_ADD(2)			\
		     PB_INSN_PAD			\
		     : "+r" (y) : : PB_INSN_CLOBBERS);	\
	return y;					\
}							\
PB_DEFINE_LOOP(fn)

#define PB_TRACED

PB_DEFINE_ENTRY(pb_site_entry, PB_TRACED)
PB_DEFINE_ENTRY(pb_twin_entry, PB_TRACED)
PB_DEFINE_ENTRY(pb_site_notrace, notrace)
PB_DEFINE_ENTRY(pb_twin_notrace, notrace)

#define PB_DEFINE_TRACEPOINT(fn, event)			\
unsigned long fn(unsigned long x);			\
PB_SITE_FUNCTION unsigned long fn(unsigned long x)	\
{							\
	trace_##event(x);				\
	return x + 2;					\
}							\
PB_DEFINE_LOOP(fn)

PB_DEFINE_TRACEPOINT(pb_site_tracepoint, pb_site_call)
PB_DEFINE_TRACEPOINT(pb_twin_tracepoint, pb_twin_call)

#define PB_SITE_OPS(label)				\
	.name = #label,					\
	.site = pb_site_##label,			\
	.twin = pb_twin_##label,			\
	.site_loop = pb_site_##label##_loop,		\
	.twin_loop = pb_twin_##label##_loop

static const struct pb_site_ops pb_sites[PB_NR_SITES] = {
	[PB_SITE_ENTRY] = { PB_SITE_OPS(entry) },
	[PB_SITE_MID] = {
		PB_SITE_OPS(mid),
		.offset = &pb_site_mid_offset,
		.opcode = PB_INSN_MID_OPCODE,
	},
	[PB_SITE_MID_STEP] = {
		PB_SITE_OPS(mid_step),
		.offset = &pb_site_mid_step_offset,
		.opcode = PB_INSN_STEP_OPCODE,
	},
	[PB_SITE_MID_EMULATED] = {
		PB_SITE_OPS(mid_emulated),
		.offset = &pb_site_mid_emulated_offset,
		.opcode = PB_INSN_JUMP_OPCODE,
	},
	[PB_SITE_NOTRACE] = { PB_SITE_OPS(notrace) },
	[PB_SITE_TRACEPOINT] = { PB_SITE_OPS(tracepoint) },
};

const struct pb_site_ops *pb_site_get(u32 site)
{
	return &pb_sites[site];
}

unsigned long pb_site_probe_addr(u32 site)
{
	const struct pb_site_ops *ops = &pb_sites[site];
	unsigned long addr = (unsigned long)ops->site;

	return ops->offset ? addr + *ops->offset : addr;
}

/* Site and twin have the same code. */
unsigned long pb_site_twin_addr(u32 site)
{
	const struct pb_site_ops *ops = &pb_sites[site];

	return pb_site_probe_addr(site) - (unsigned long)ops->site +
	       (unsigned long)ops->twin;
}

unsigned long pb_site_ftrace_addr(u32 site)
{
	return pb_text_ftrace_place((unsigned long)pb_sites[site].site);
}

/*
 * A key and its entries in one module are linked directly
 * (jump_label_add_module() in kernel/jump_label.c): the low bits of ->type
 * are flags, the rest points to the key's entries. The site is the only one.
 */
unsigned long pb_site_static_key_addr(void)
{
	struct static_key *key = (struct static_key *)&__tracepoint_pb_site_call.key;
	struct jump_entry *entry = (struct jump_entry *)(key->type & ~JUMP_TYPE_MASK);

	return entry ? jump_entry_code(entry) : 0;
}

int pb_site_register_tracepoint(void (*probe)(void *data, unsigned long x))
{
	return register_trace_pb_site_call(probe, NULL);
}

int pb_site_unregister_tracepoint(void (*probe)(void *data, unsigned long x))
{
	int err = unregister_trace_pb_site_call(probe, NULL);

	tracepoint_synchronize_unregister();
	return err;
}
