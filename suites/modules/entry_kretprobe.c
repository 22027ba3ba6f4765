// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kretprobe with a handler at the entry, too: the bytes that vfs_read was
 * asked for are kept until it returns, and compared with what it read.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#define MOST_AT_ONCE 32

struct asked {
	unsigned long bytes;
};

static unsigned long short_reads;

static noinline int keep_asked(struct kretprobe_instance *ri,
			       struct pt_regs *regs)
{
	struct asked *asked = (struct asked *)ri->data;

	asked->bytes = regs->dx;
	return 0;
}

static noinline int compare_read(struct kretprobe_instance *ri,
				 struct pt_regs *regs)
{
	struct asked *asked = (struct asked *)ri->data;

	if (regs_return_value(regs) != asked->bytes)
		WRITE_ONCE(short_reads, READ_ONCE(short_reads) + 1);
	return 0;
}

static struct kretprobe probe = {
	.kp.symbol_name = "vfs_read",
	.entry_handler = keep_asked,
	.handler = compare_read,
	.data_size = sizeof(struct asked),
	.maxactive = MOST_AT_ONCE,
};

static int __init entry_kretprobe_init(void)
{
	return register_kretprobe(&probe);
}

static void __exit entry_kretprobe_exit(void)
{
	unregister_kretprobe(&probe);
}

module_init(entry_kretprobe_init);
module_exit(entry_kretprobe_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("recipe: compares what was read with what was asked for");
