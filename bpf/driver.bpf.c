// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test-run driver: programs that BPF_PROG_TEST_RUN runs once and that call
 * a traceable kernel function many times, as the kernel's own BPF benchmarks
 * do. The clock is read inside, so the system call is not measured.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/*
 * Stands for bpf_modify_return_test_tp(), which the agent puts in its place:
 * to find a kernel function libbpf reads the kernel's whole BTF, some 40 million
 * instructions, each time that it loads this object.
 */
static int (*const modifiable)(int) = (void *)BPF_FUNC_get_numa_node_id;

/*
 * Set before a program is loaded: the verifier keeps a state for every turn of
 * a loop whose end it does not know, some 10 MB in all.
 */
const volatile __u32 warmup_calls;
const volatile __u32 timed_calls;

/*
 * In: make twice as many. N and 2N calls are made by one piece of machine
 * code, or their slope would have the difference between two places of it.
 */
volatile __u32 twice;

/* Out, of each run. */
volatile __u64 start_ns;
volatile __u64 end_ns;
volatile __u32 cpu;
volatile __u32 ticked;	/* the timer interrupt came in */

#define CALL(calls, function)					\
	for (i = 0; i < (calls); i++)				\
		function

#define DRIVER(name, function)					\
static __attribute__((noinline)) int				\
name##_calls(__u32 calls)					\
{								\
	__u32 i;						\
								\
	CALL(calls, function);					\
	return 0;						\
}								\
								\
SEC("?raw_tp")							\
int name(void *ctx)						\
{								\
	__u64 start, end, jiffies;				\
								\
	name##_calls(warmup_calls);				\
	jiffies = bpf_jiffies64();				\
	start = bpf_ktime_get_ns();				\
	name##_calls(twice ? 2 * timed_calls : timed_calls);	\
	end = bpf_ktime_get_ns();				\
	start_ns = start;					\
	end_ns = end;						\
	ticked = bpf_jiffies64() != jiffies;			\
	cpu = bpf_get_smp_processor_id();			\
	return 0;						\
}

/* A helper is an ordinary function; this one does next to nothing. */
DRIVER(call_helper, bpf_get_numa_node_id())
/* Linux 6.10: a function that lets its return value be modified. */
DRIVER(call_modifiable, modifiable(0))
