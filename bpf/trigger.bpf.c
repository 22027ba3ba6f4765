// SPDX-License-Identifier: GPL-2.0-only
/*
 * The design of the kernel selftests' bench (tools/testing/selftests/bpf,
 * benchs/bench_trigger.c and progs/trigger_bench.c): a driver that calls a
 * traceable kernel function batch_iters times in one test run, and programs
 * that add to a counter of their CPU.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define MAX_CPUS	256

char LICENSE[] SEC("license") = "GPL";

extern int bpf_modify_return_test_tp(int nonce) __ksym __weak;

const volatile __u32 batch_iters;

/* Each CPU's counter has 128 bytes to itself. */
#define STRIDE	16
__u64 hits[MAX_CPUS * STRIDE] __attribute__((aligned(128)));

static __always_inline void inc_counter(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	__sync_fetch_and_add(&hits[(cpu & (MAX_CPUS - 1)) * STRIDE], 1);
}

SEC("?raw_tp")
int helper_driver(void *ctx)
{
	__u32 i;

	for (i = 0; i < batch_iters; i++)
		bpf_get_numa_node_id();
	return 0;
}

SEC("?raw_tp")
int function_driver(void *ctx)
{
	__u32 i;

	for (i = 0; i < batch_iters; i++)
		bpf_modify_return_test_tp(0);
	return 0;
}

#define COUNT(name, section)	\
SEC("?" section)		\
int count_##name(void *ctx)	\
{				\
	inc_counter();		\
	return 0;		\
}

COUNT(kprobe, "kprobe/bpf_get_numa_node_id")
COUNT(kretprobe, "kretprobe/bpf_get_numa_node_id")
COUNT(kprobe_multi, "kprobe.multi/bpf_get_numa_node_id")
COUNT(kretprobe_multi, "kretprobe.multi/bpf_get_numa_node_id")
COUNT(fentry, "fentry/bpf_get_numa_node_id")
COUNT(fexit, "fexit/bpf_get_numa_node_id")
COUNT(fmodret, "fmod_ret/bpf_modify_return_test_tp")
COUNT(tp, "tp/bpf_test_run/bpf_trigger_tp")
COUNT(rawtp, "raw_tp/bpf_trigger_tp")
COUNT(uprobe, "uprobe")
