// SPDX-License-Identifier: GPL-2.0-only
/*
 * None of this may sleep, allocate, trace or be traced: it runs in int3 and
 * ftrace context with interrupts off.
 */
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/ring_buffer.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>

#include "pb_arch.h"
#include "pb_window.h"
#include "pb_work.h"

#define PB_MAX_DELAY_NS	100000
#define PB_MAP_BITS	6
#define PB_MAP_PROBES	4
#define PB_RING_BYTES	(64 << 10)
#define PB_STACK_DEPTH	32
#define PB_STRING_BYTES	32
#define PB_CHECKLIST	32

/* An open-addressed hash map that never grows: key 0 is a free place. */
struct pb_map_entry {
	unsigned long key;
	u64 value;
};

struct pb_record {
	u64 when;
	unsigned long where;
	u32 cpu;
	u32 pid;
};

struct pb_scratch {
	struct pb_map_entry map[1 << PB_MAP_BITS];
	unsigned long stack[PB_STACK_DEPTH];
	char string[PB_STRING_BYTES];
};

static DEFINE_PER_CPU(struct pb_scratch, pb_scratch);
static struct trace_buffer *pb_ring;
static const void __user *pb_user_string;
static u64 pb_delay_ticks;

/* Trusted callers; none of ours is among them, so the whole list is read. */
static unsigned long pb_checklist[PB_CHECKLIST];
/* Hits of callers that the list lacks. */
static DEFINE_PER_CPU(u64, pb_unlisted);

int pb_work_init(void)
{
	unsigned int i;

	for (i = 0; i < PB_CHECKLIST; i++)
		pb_checklist[i] = i + 1;
	pb_ring = ring_buffer_alloc(PB_RING_BYTES, RB_FL_OVERWRITE);
	return pb_ring ? 0 : -ENOMEM;
}

void pb_work_exit(void)
{
	ring_buffer_free(pb_ring);
}

int pb_work_prepare(const struct pb_attach *req)
{
	if (req->delay_ns > PB_MAX_DELAY_NS || req->reserved)
		return -EINVAL;
	if (req->handler == PB_HANDLER_STRING && !req->user_string)
		return -EINVAL;
	pb_delay_ticks = pb_ticks_of_ns(req->delay_ns);
	pb_user_string = (const void __user *)(uintptr_t)req->user_string;
	return 0;
}

void pb_work_begin(u32 handler)
{
	if (handler == PB_HANDLER_RECORD)
		ring_buffer_reset(pb_ring);
}

notrace void pb_work_map(unsigned long where)
{
	struct pb_map_entry *map = this_cpu_ptr(&pb_scratch)->map;
	u32 slot = hash_long(where, PB_MAP_BITS);
	unsigned int i;

	for (i = 0; i < PB_MAP_PROBES; i++) {
		struct pb_map_entry *entry;

		entry = &map[(slot + i) & ((1 << PB_MAP_BITS) - 1)];
		if (!entry->key)
			entry->key = where;
		if (entry->key == where) {
			entry->value++;
			return;
		}
	}
}
NOKPROBE_SYMBOL(pb_work_map);

notrace void pb_work_record(unsigned long where)
{
	struct pb_record record = {
		.when = pb_clock(),
		.where = where,
		.cpu = smp_processor_id(),
		.pid = current->pid,
	};

	ring_buffer_write(pb_ring, sizeof(record), &record);
}
NOKPROBE_SYMBOL(pb_work_record);

notrace void pb_work_stack(unsigned long where)
{
	stack_trace_save(this_cpu_ptr(&pb_scratch)->stack, PB_STACK_DEPTH, 0);
}
NOKPROBE_SYMBOL(pb_work_stack);

/* copy_from_user_nofault() is exported, the string variant is not. */
notrace void pb_work_string(unsigned long where)
{
	char *string = this_cpu_ptr(&pb_scratch)->string;

	if (copy_from_user_nofault(string, pb_user_string, PB_STRING_BYTES))
		string[0] = '\0';
}
NOKPROBE_SYMBOL(pb_work_string);

notrace void pb_work_delay(unsigned long where)
{
	u64 start = pb_clock();
	u64 end = pb_quiet_end();
	u64 ticks = pb_delay_ticks;

	if (end)
		ticks = end > start ? min(ticks, end - start) : 0;
	while (pb_clock() - start < ticks)
		cpu_relax();
}
NOKPROBE_SYMBOL(pb_work_delay);

notrace void pb_work_checklist(unsigned long where)
{
	unsigned int i;

	for (i = 0; i < PB_CHECKLIST; i++)
		if (READ_ONCE(pb_checklist[i]) == where)
			return;
	this_cpu_inc(pb_unlisted);
}
NOKPROBE_SYMBOL(pb_work_checklist);
