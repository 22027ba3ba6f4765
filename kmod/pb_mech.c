// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/version.h>

#include "pb_mech.h"

/* The callbacks' present shape came with Linux 6.5 (cb16330d1274). */
#define PB_HAVE_FPROBE (IS_ENABLED(CONFIG_FPROBE) && \
			LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0))

const struct pb_mech_ops *pb_mech_get(u32 mechanism)
{
	switch (mechanism) {
	case PB_MECH_KPROBE:
		return IS_ENABLED(CONFIG_KPROBES) ? &pb_mech_kprobe : NULL;
	case PB_MECH_KPROBE_POST:
		return IS_ENABLED(CONFIG_KPROBES) ? &pb_mech_kprobe_post : NULL;
	case PB_MECH_KRETPROBE:
		return IS_ENABLED(CONFIG_KRETPROBES) ? &pb_mech_kretprobe : NULL;
	case PB_MECH_FPROBE_ENTRY:
		return PB_HAVE_FPROBE ? &pb_mech_fprobe_entry : NULL;
	case PB_MECH_FPROBE_EXIT:
		return PB_HAVE_FPROBE ? &pb_mech_fprobe_exit : NULL;
	case PB_MECH_FTRACE:
		return IS_ENABLED(CONFIG_DYNAMIC_FTRACE) ? &pb_mech_ftrace : NULL;
	case PB_MECH_FTRACE_REGS:
		return IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS) ?
			&pb_mech_ftrace_regs : NULL;
	case PB_MECH_TRACEPOINT:
		return IS_ENABLED(CONFIG_TRACEPOINTS) ? &pb_mech_tracepoint : NULL;
	}
	return NULL;
}

u32 pb_mech_features(void)
{
	u32 features = 0;

	if (IS_ENABLED(CONFIG_KPROBES))
		features |= PB_FEATURE_KPROBES;
	if (IS_ENABLED(CONFIG_KRETPROBES))
		features |= PB_FEATURE_KRETPROBES;
	if (IS_ENABLED(CONFIG_OPTPROBES))
		features |= PB_FEATURE_OPTPROBES;
	if (IS_ENABLED(CONFIG_KPROBES_ON_FTRACE))
		features |= PB_FEATURE_ON_FTRACE;
	/* arch/x86/kernel/kprobes/core.c boosts only without preemption. */
	if (IS_ENABLED(CONFIG_KPROBES) && !IS_ENABLED(CONFIG_PREEMPTION))
		features |= PB_FEATURE_BOOST;
#ifdef PB_HAVE_EMULATE_OP
	features |= PB_FEATURE_EMULATE;
#endif
	if (IS_ENABLED(CONFIG_DYNAMIC_FTRACE))
		features |= PB_FEATURE_FTRACE;
	if (IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS))
		features |= PB_FEATURE_FTRACE_REGS;
	if (PB_HAVE_FPROBE)
		features |= PB_FEATURE_FPROBE;
	if (IS_ENABLED(CONFIG_TRACEPOINTS))
		features |= PB_FEATURE_TRACEPOINTS;
	return features;
}
