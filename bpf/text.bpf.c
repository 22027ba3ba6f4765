// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the kernel's own text for kernels without /proc/kcore, and looks its
 * symbols up. Run by BPF_PROG_TEST_RUN; attached to nothing.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

/* Keep in step with kMaxTextBytes in harness/guest/kernel/bpf_text.h. */
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

/* Where a kernel symbol lies: far quicker than reading /proc/kallsyms. */
char symbol[64];
__u64 symbol_address;

SEC("?syscall")
int find_symbol(void *ctx)
{
	return bpf_kallsyms_lookup_name(symbol, sizeof(symbol), 0, &symbol_address);
}
