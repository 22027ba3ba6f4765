// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the kernel's own text for kernels without /proc/kcore. Run by
 * BPF_PROG_TEST_RUN; attached to nothing.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

/* Keep in step with kMaxTextBytes in harness/guest/kernel/kernel_text.h. */
#define TEXT_BYTES	1024

char LICENSE[] SEC("license") = "GPL";

/* In. */
volatile __u64 address;
/* Out. */
char text[TEXT_BYTES];
long result = -1;

SEC("raw_tp")
int read_text(void *ctx)
{
	result = bpf_probe_read_kernel(text, sizeof(text), (const void *)address);
	return 0;
}
