// SPDX-License-Identifier: GPL-2.0-only
/*
 * A first kprobe: at the entry of do_sys_openat2, the name of the file is
 * copied from the caller and logged.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#define NAME_BYTES 64

static noinline int log_name(struct kprobe *p, struct pt_regs *regs)
{
	const char __user *from = (const char __user *)regs->si;
	char name[NAME_BYTES];
	long length;

	/* A handler may not sleep: a name that is not in memory is not waited for. */
	pagefault_disable();
	length = strncpy_from_user(name, from, sizeof(name) - 1);
	pagefault_enable();
	if (length < 0)
		return 0;
	name[length] = '\0';
	pr_info("%s opens %s\n", current->comm, name);
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "do_sys_openat2",
	.pre_handler = log_name,
};

static int __init kprobe_basic_init(void)
{
	return register_kprobe(&probe);
}

static void __exit kprobe_basic_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(kprobe_basic_init);
module_exit(kprobe_basic_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("recipe: logs the names of opened files");
