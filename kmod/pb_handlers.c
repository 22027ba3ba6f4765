// SPDX-License-Identifier: GPL-2.0-only
/*
 * A handler's work is one macro; PB_DEFINE_HANDLER gives it every shape. None
 * of them may be traced or probed: a hit inside a handler would be a miss.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>

#include "pb_handlers.h"
#include "pb_work.h"

static DEFINE_PER_CPU(u64, pb_hits);

#define pb_work_nop(where)	((void)(where))
#define pb_work_count(where)	this_cpu_inc(pb_hits)

/* Where a return probe's function returns to. */
#ifdef CONFIG_KRETPROBE_ON_RETHOOK
#define PB_RETURN_ADDRESS(ri)	((ri)->node.ret_addr)
#else
#define PB_RETURN_ADDRESS(ri)	((unsigned long)(ri)->ret_addr)
#endif

#define PB_DEFINE_HANDLER(ID, label)					\
static int notrace pb_##label##_kprobe_pre(struct kprobe *p,		\
					   struct pt_regs *regs)	\
{									\
	pb_work_##label((unsigned long)p->addr);			\
	return 0;							\
}									\
NOKPROBE_SYMBOL(pb_##label##_kprobe_pre);				\
									\
static void notrace pb_##label##_kprobe_post(struct kprobe *p,		\
					     struct pt_regs *regs,	\
					     unsigned long flags)	\
{									\
	pb_work_##label((unsigned long)p->addr);			\
}									\
NOKPROBE_SYMBOL(pb_##label##_kprobe_post);				\
									\
static int notrace pb_##label##_kretprobe(struct kretprobe_instance *ri, \
					  struct pt_regs *regs)		\
{									\
	pb_work_##label(PB_RETURN_ADDRESS(ri));				\
	return 0;							\
}									\
NOKPROBE_SYMBOL(pb_##label##_kretprobe);				\
									\
static pb_fprobe_returned notrace					\
pb_##label##_fprobe_entry(PB_FPROBE_ARGS)				\
{									\
	pb_work_##label(entry_ip);					\
	PB_FPROBE_GO_ON;						\
}									\
									\
static void notrace pb_##label##_fprobe_exit(PB_FPROBE_ARGS)		\
{									\
	pb_work_##label(entry_ip);					\
}									\
									\
static void notrace pb_##label##_ftrace(unsigned long ip,		\
		unsigned long parent_ip, struct ftrace_ops *ops,	\
		struct pb_ftrace_regs *regs)				\
{									\
	pb_work_##label(ip);						\
}									\
									\
static void notrace pb_##label##_tracepoint(void *data, unsigned long x) \
{									\
	pb_work_##label(_THIS_IP_);					\
}

PB_HANDLERS(PB_DEFINE_HANDLER)

#define PB_HANDLER_OPS(ID, label)					\
	[PB_HANDLER_##ID] = {						\
	.name = #label,							\
	.kprobe_pre = pb_##label##_kprobe_pre,				\
	.kprobe_post = pb_##label##_kprobe_post,			\
	.kretprobe = pb_##label##_kretprobe,				\
	.fprobe_entry = pb_##label##_fprobe_entry,			\
	.fprobe_exit = pb_##label##_fprobe_exit,			\
	.ftrace = pb_##label##_ftrace,					\
	.tracepoint = pb_##label##_tracepoint,				\
},

static const struct pb_handler_ops pb_handlers[PB_NR_HANDLERS] = {
	PB_HANDLERS(PB_HANDLER_OPS)
};

/* Also called on a hit (pb_mech_kprobe.c). */
notrace const struct pb_handler_ops *pb_handler_get(u32 handler)
{
	return &pb_handlers[handler];
}
NOKPROBE_SYMBOL(pb_handler_get);

u64 pb_hits_on(unsigned int cpu)
{
	return READ_ONCE(*per_cpu_ptr(&pb_hits, cpu));
}

u64 pb_hits_all(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += pb_hits_on(cpu);
	return sum;
}
