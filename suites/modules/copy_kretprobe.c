// SPDX-License-Identifier: GPL-2.0-only
/*
 * At the return of _copy_from_user: how many bytes were left uncopied. Paths
 * do not pass here: opening a file copies its name with strncpy_from_user.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#define MOST_AT_ONCE 32

static unsigned long incomplete;

static noinline int count_incomplete(struct kretprobe_instance *ri,
				     struct pt_regs *regs)
{
	if (regs_return_value(regs) != 0)
		WRITE_ONCE(incomplete, READ_ONCE(incomplete) + 1);
	return 0;
}

static struct kretprobe probe = {
	.kp.symbol_name = "_copy_from_user",
	.handler = count_incomplete,
	.maxactive = MOST_AT_ONCE,
};

static int __init copy_kretprobe_init(void)
{
	return register_kretprobe(&probe);
}

static void __exit copy_kretprobe_exit(void)
{
	unregister_kretprobe(&probe);
}

module_init(copy_kretprobe_init);
module_exit(copy_kretprobe_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("recipe: counts copies that fell short");
