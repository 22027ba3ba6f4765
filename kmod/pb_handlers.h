/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handlers: the same work in the shape that each mechanism calls.
 */
#ifndef PB_HANDLERS_H
#define PB_HANDLERS_H

#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/types.h>
#include <linux/version.h>

#include "pb_abi.h"

/* Linux 5.11 (d19ad0775dcd): ftrace callbacks get ftrace_regs. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#define pb_ftrace_regs ftrace_regs
#else
#define pb_ftrace_regs pt_regs
#endif

/* Linux 6.14 (762abbc0d09f): fprobe callbacks get ftrace_regs. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define pb_fprobe_regs ftrace_regs
#else
#define pb_fprobe_regs pt_regs
#endif

/*
 * Linux 6.3 added entry_data (76d0de5729c0) and the value that an entry returns
 * (39d954200bf6), 6.5 ret_ip (cb16330d1274). Stable kernels have some of them, so
 * the header says which (Kbuild).
 */
#ifdef PB_FPROBE_HAS_RET_IP
#define PB_FPROBE_RET_IP	unsigned long ret_ip,
#else
#define PB_FPROBE_RET_IP
#endif
#ifdef PB_FPROBE_HAS_ENTRY_DATA
#define PB_FPROBE_ENTRY_DATA	, void *entry_data
#else
#define PB_FPROBE_ENTRY_DATA
#endif
#ifdef PB_FPROBE_ENTRY_RETURNS
#define pb_fprobe_returned	int
#define PB_FPROBE_GO_ON		return 0
#else
#define pb_fprobe_returned	void
#define PB_FPROBE_GO_ON		return
#endif
#define PB_FPROBE_ARGS		struct fprobe *fp, unsigned long entry_ip, \
				PB_FPROBE_RET_IP struct pb_fprobe_regs *regs \
				PB_FPROBE_ENTRY_DATA

struct fprobe;

struct pb_handler_ops {
	const char *name;
	int (*kprobe_pre)(struct kprobe *p, struct pt_regs *regs);
	void (*kprobe_post)(struct kprobe *p, struct pt_regs *regs,
			    unsigned long flags);
	int (*kretprobe)(struct kretprobe_instance *ri, struct pt_regs *regs);
	pb_fprobe_returned (*fprobe_entry)(PB_FPROBE_ARGS);
	void (*fprobe_exit)(PB_FPROBE_ARGS);
	void (*ftrace)(unsigned long ip, unsigned long parent_ip,
		       struct ftrace_ops *ops, struct pb_ftrace_regs *regs);
	void (*tracepoint)(void *data, unsigned long x);
};

const struct pb_handler_ops *pb_handler_get(u32 handler);

/* Hits counted on one CPU since the module was loaded. */
u64 pb_hits_on(unsigned int cpu);
/* Hits counted on all CPUs. */
u64 pb_hits_all(void);

#endif
