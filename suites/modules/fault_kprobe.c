// SPDX-License-Identifier: GPL-2.0-only
/*
 * At the entry of handle_mm_fault, which every page fault of a program passes:
 * the address that the program touched is kept, and the faults are counted.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

static unsigned long last_address;
static unsigned long faults;

static noinline int keep_address(struct kprobe *p, struct pt_regs *regs)
{
	WRITE_ONCE(last_address, regs->si);
	WRITE_ONCE(faults, READ_ONCE(faults) + 1);
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "handle_mm_fault",
	.pre_handler = keep_address,
};

static int __init fault_kprobe_init(void)
{
	return register_kprobe(&probe);
}

static void __exit fault_kprobe_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(fault_kprobe_init);
module_exit(fault_kprobe_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("recipe: keeps the address of a page fault");
