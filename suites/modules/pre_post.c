// SPDX-License-Identifier: GPL-2.0-only
/*
 * A handler before and one after an instruction in the middle of vfs_read.
 * With a handler after it, an instruction is stepped over, never jumped.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

/* Behind endbr64 and the call of ftrace, at the first instruction there is. */
#define FIRST_OFFSET 9
#define LAST_OFFSET 32

static noinline int before(struct kprobe *p, struct pt_regs *regs)
{
	return 0;
}

static noinline void after(struct kprobe *p, struct pt_regs *regs,
			   unsigned long flags)
{
}

static struct kprobe probe;

/* The kernel refuses what is not the start of an instruction. */
static int __init pre_post_init(void)
{
	unsigned int offset;
	int ret = -EINVAL;

	for (offset = FIRST_OFFSET; offset <= LAST_OFFSET; offset++) {
		memset(&probe, 0, sizeof(probe));
		probe.symbol_name = "vfs_read";
		probe.offset = offset;
		probe.pre_handler = before;
		probe.post_handler = after;
		ret = register_kprobe(&probe);
		if (!ret)
			break;
	}
	return ret;
}

static void __exit pre_post_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(pre_post_init);
module_exit(pre_post_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("recipe: handlers before and after an instruction");
