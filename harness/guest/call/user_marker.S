/* SPDX-License-Identifier: MIT */
/*
 * The USDT site and its twin (see user_sites.cpp). <sys/sdt.h> makes the marker,
 * so that its note is the one that libbpf, bpftrace and perf find in any program.
 */
#include <sys/sdt.h>

	.text
	.balign 64
	.globl pb_user_marker
	.hidden pb_user_marker
	.type pb_user_marker, @function
pb_user_marker:
	STAP_PROBE(probebench, marker)
	ret
	.fill 16, 1, 0x90
	.size pb_user_marker, . - pb_user_marker

	.balign 64
	.globl pb_user_marker_twin
	.hidden pb_user_marker_twin
	.type pb_user_marker_twin, @function
pb_user_marker_twin:
	nop
	ret
	.fill 16, 1, 0x90
	.size pb_user_marker_twin, . - pb_user_marker_twin

	.section .note.GNU-stack, "", @progbits
