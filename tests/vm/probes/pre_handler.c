// SPDX-License-Identifier: GPL-2.0-only
/* A user's module, for tests/vm/cost_test.py: an empty pre_handler at the entry of vfs_read. */
#include <linux/kprobes.h>
#include <linux/module.h>

static noinline int my_handler(struct kprobe *p, struct pt_regs *regs)
{
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "vfs_read",
	.pre_handler = my_handler,
};

static int __init pre_handler_init(void)
{
	return register_kprobe(&probe);
}

static void __exit pre_handler_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(pre_handler_init);
module_exit(pre_handler_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("probebench test: a kprobe on vfs_read");
