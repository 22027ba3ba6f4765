// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>

#include "pb_arch.h"
#include "pb_mech.h"

#define PB_HAVE_KPROBES		IS_ENABLED(CONFIG_KPROBES)
#define PB_HAVE_KRETPROBES	IS_ENABLED(CONFIG_KRETPROBES)
#define PB_HAVE_FPROBE		IS_ENABLED(CONFIG_FPROBE)
#define PB_HAVE_FTRACE		IS_ENABLED(CONFIG_DYNAMIC_FTRACE)
#define PB_HAVE_FTRACE_REGS	IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS)
#define PB_HAVE_TRACEPOINTS	IS_ENABLED(CONFIG_TRACEPOINTS)

static const struct pb_mech_ops *const pb_mechs[PB_NR_MECHANISMS] = {
	[PB_MECH_KPROBE] = PB_HAVE_KPROBES ? &pb_mech_kprobe : NULL,
	[PB_MECH_KPROBE_POST] = PB_HAVE_KPROBES ? &pb_mech_kprobe_post : NULL,
	[PB_MECH_KRETPROBE] = PB_HAVE_KRETPROBES ? &pb_mech_kretprobe : NULL,
	[PB_MECH_FPROBE_ENTRY] = PB_HAVE_FPROBE ? &pb_mech_fprobe_entry : NULL,
	[PB_MECH_FPROBE_EXIT] = PB_HAVE_FPROBE ? &pb_mech_fprobe_exit : NULL,
	[PB_MECH_FTRACE] = PB_HAVE_FTRACE ? &pb_mech_ftrace : NULL,
	[PB_MECH_FTRACE_REGS] = PB_HAVE_FTRACE_REGS ? &pb_mech_ftrace_regs : NULL,
	[PB_MECH_TRACEPOINT] = PB_HAVE_TRACEPOINTS ? &pb_mech_tracepoint : NULL,
};

const struct pb_mech_ops *pb_mech_get(u32 mechanism)
{
	return pb_mechs[mechanism];
}

u32 pb_mech_features(void)
{
	return (PB_HAVE_KPROBES ? PB_FEATURE_KPROBES : 0) |
	       (PB_HAVE_KRETPROBES ? PB_FEATURE_KRETPROBES : 0) |
	       (IS_ENABLED(CONFIG_OPTPROBES) ? PB_FEATURE_OPTPROBES : 0) |
	       (IS_ENABLED(CONFIG_KPROBES_ON_FTRACE) ? PB_FEATURE_ON_FTRACE : 0) |
	       (pb_arch_boosts() ? PB_FEATURE_BOOST : 0) |
	       (PB_ARCH_EMULATES ? PB_FEATURE_EMULATE : 0) |
	       (PB_HAVE_FTRACE ? PB_FEATURE_FTRACE : 0) |
	       (PB_HAVE_FTRACE_REGS ? PB_FEATURE_FTRACE_REGS : 0) |
	       (PB_HAVE_FPROBE ? PB_FEATURE_FPROBE : 0) |
	       (PB_HAVE_TRACEPOINTS ? PB_FEATURE_TRACEPOINTS : 0);
}
