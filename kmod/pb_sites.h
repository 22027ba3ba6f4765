/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PB_SITES_H
#define PB_SITES_H

#include <linux/types.h>

#include "pb_abi.h"

/*
 * In assembly of function @fn: exports the offset of local label 1 in it. A label
 * of its own would be a symbol and end the function in kallsyms, where the
 * optimizer looks for the function's end; a relocation against mid-function text
 * makes objtool complain on IBT kernels. A difference within one section is neither.
 */
#define PB_EXPORT_OFFSET(fn)				\
	".pushsection .rodata\n\t"			\
	".balign 4\n\t"					\
	".globl " #fn "_offset\n"			\
	#fn "_offset:\t.long 1b - " #fn "\n\t"		\
	".popsection\n\t"

/* A probed function, its unprobed twin, and the loops that call each. */
struct pb_site_ops {
	const char *name;
	unsigned long (*site)(unsigned long x);
	unsigned long (*twin)(unsigned long x);
	void (*site_loop)(u32 calls);
	void (*twin_loop)(u32 calls);
	const u32 *offset;	/* probed instruction in the function; NULL: entry */
	u8 opcode;		/* its byte that has it; 0: not fixed */
};

const struct pb_site_ops *pb_site_get(u32 site);

/* Where a kprobe of this site is registered. */
unsigned long pb_site_probe_addr(u32 site);

/* The same instruction in the twin. */
unsigned long pb_site_twin_addr(u32 site);

/* The nop that ftrace patches, 0 if the function has none. */
unsigned long pb_site_ftrace_addr(u32 site);

/* The jump label of the tracepoint site. */
unsigned long pb_site_static_key_addr(void);

int pb_site_register_tracepoint(void (*probe)(void *data, unsigned long x));
int pb_site_unregister_tracepoint(void (*probe)(void *data, unsigned long x));

#endif
