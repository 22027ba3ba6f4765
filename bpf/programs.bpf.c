// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF forms of the handlers: one program for each kind of attachment and
 * each handler, named <handler>_<kind>. None is loaded unless it is asked for.
 * Those in "by_type" are told by the agent where they go, as it has read the
 * kernel's types already (harness/guest/attach/bpf_program.cpp).
 * All return 0: a kprobe program then records nothing in its perf event, a
 * session program wants the return as well, an fmod_ret program lets the
 * function run. kmod/pb_work.c has the same work in the kernel's own terms.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/usdt.bpf.h>

#define MAP_ENTRIES	64
#define RING_BYTES	(256 << 10)
#define STACK_BYTES	(32 * sizeof(__u64))
#define STRING_BYTES	32
#define CHECKLIST	32
char LICENSE[] SEC("license") = "GPL";

/* Set before the programs are loaded. */
const volatile __u64 user_string;
const volatile __u64 delay_ns;
const volatile __u32 max_spins;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, MAP_ENTRIES);
	__type(key, __u64);
	__type(value, __u64);
} hits_by_address SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} ring SEC(".maps");

struct scratch {
	char stack[STACK_BYTES];
	char string[STRING_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct record {
	__u64 when;
	__u64 where;
	__u32 cpu;
	__u32 pid;
};

/* Trusted callers; none of ours is among them, so the whole list is read. */
volatile __u64 checklist[CHECKLIST];
__u64 strangers;

static __always_inline struct scratch *scratch(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&scratches, &key);
}

static __always_inline void do_nop(void *ctx, __u64 where)
{
}

static __always_inline void do_count(void *ctx, __u64 where)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&hits, &key);

	if (count)
		++*count;
}

static __always_inline void do_map(void *ctx, __u64 where)
{
	__u64 one = 1;
	__u64 *count = bpf_map_lookup_elem(&hits_by_address, &where);

	if (count)
		++*count;
	else
		bpf_map_update_elem(&hits_by_address, &where, &one, BPF_ANY);
}

/* Nobody waits for the records: the agent drains the ring between windows. */
static __always_inline void do_record(void *ctx, __u64 where)
{
	struct record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return;
	record->when = bpf_ktime_get_ns();
	record->where = where;
	record->cpu = bpf_get_smp_processor_id();
	record->pid = bpf_get_current_pid_tgid();
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

static __always_inline void do_stack(void *ctx, __u64 where)
{
	struct scratch *to = scratch();

	if (to)
		bpf_get_stack(ctx, to->stack, sizeof(to->stack), 0);
}

static __always_inline void do_string(void *ctx, __u64 where)
{
	struct scratch *to = scratch();

	if (to)
		bpf_probe_read_user_str(to->string, sizeof(to->string),
					(const void *)user_string);
}

static __always_inline void do_delay(void *ctx, __u64 where)
{
	__u64 start = bpf_ktime_get_ns();
	__u32 i;

	/* The verifier walks through every turn of the loop. */
	for (i = 0; i < max_spins; i++)
		if (bpf_ktime_get_ns() - start >= delay_ns)
			return;
}

static __always_inline void do_checklist(void *ctx, __u64 where)
{
	int i;

	for (i = 0; i < CHECKLIST; i++)
		if (checklist[i] == where)
			return;
	strangers++;
}

/* Only a kprobe program is told where it is; the others know by themselves. */
#define HERE(ctx)		0xb6b6b6b6ull
#ifdef __TARGET_ARCH_arm64
#define PROBED_ADDRESS(ctx)	(((struct user_pt_regs *)(ctx))->pc)
#else
#define PROBED_ADDRESS(ctx)	(((struct pt_regs *)(ctx))->rip)
#endif

#define PROGRAM(handler, kind, section, where)	\
SEC("?" section)				\
int handler##_##kind(void *ctx)			\
{						\
	do_##handler(ctx, where(ctx));		\
	return 0;				\
}

#define PROGRAMS(handler)				\
PROGRAM(handler, kprobe, "kprobe", PROBED_ADDRESS)	\
PROGRAM(handler, usdt, "usdt", PROBED_ADDRESS)	\
PROGRAM(handler, fentry, "by_type", HERE)		\
PROGRAM(handler, fexit, "by_type", HERE)			\
PROGRAM(handler, fmod_ret, "by_type", HERE)		\
PROGRAM(handler, tp, "tracepoint", HERE)		\
PROGRAM(handler, raw_tp, "raw_tp", HERE)		\
PROGRAM(handler, tp_btf, "by_type", HERE)

PROGRAMS(nop)
PROGRAMS(count)
PROGRAMS(map)
PROGRAMS(record)
PROGRAMS(stack)
PROGRAMS(string)
PROGRAMS(delay)
PROGRAMS(checklist)
