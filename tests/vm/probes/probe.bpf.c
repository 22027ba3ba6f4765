// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user's probe, for tests/vm/cost_test.py: one program for SECTION, or, with
 * SECOND, two. It does nothing, or it counts; with EXTRA the first has one
 * instruction more.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#ifdef COUNT
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

static __always_inline void act(void)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&hits, &key);

	if (count)
		++*count;
}
#elif defined(RING)
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING);
} ring SEC(".maps");

static __always_inline void act(void)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, RECORD, 0);

	if (!record)
		return;
	*record = 1;
	bpf_ringbuf_submit(record, 0);
}
#else
static __always_inline void act(void)
{
}
#endif

SEC(SECTION)
int first(void *ctx)
{
	act();
#ifdef EXTRA
	asm volatile("r2 = 1" ::: "r2");
#endif
	return 0;
}

#ifdef SECOND
SEC(SECOND)
int second(void *ctx)
{
	act();
	return 0;
}
#endif
