/* SPDX-License-Identifier: MIT */
/*
 * The agent's own probe sites, in assembly, because a compiler chooses the
 * first instruction itself. Twins have the same instructions. The alignment
 * keeps the bytes of a nop5 or nop10 in one page.
 */
#if defined(__x86_64__)
#include <sys/sdt.h>

#include "call/user_function_x86.inc"

	.macro PB_SITE name, instructions
	PB_BEGIN \name
	\instructions
	PB_END \name
	PB_BEGIN \name\()_twin
	\instructions
	PB_END \name\()_twin
	.endm

	.text
	PB_SITE pb_user_nop, "nop"
	PB_SITE pb_user_push, "push %rbp; pop %rbp"
	PB_SITE pb_user_ret, ""
	PB_SITE pb_user_nop5, ".byte 0x0f, 0x1f, 0x44, 0x00, 0x00"

	/* <sys/sdt.h> makes the USDT marker, so that its note is the one that libbpf, bpftrace and perf find in any program. */
	PB_BEGIN pb_user_marker
	STAP_PROBE(probebench, marker)
	PB_END pb_user_marker
	PB_BEGIN pb_user_marker_twin
	nop
	PB_END pb_user_marker_twin

	/* The ten bytes that Linux 7.2 knows; a marker, too, so that all types share one site. */
	.macro PB_NOP10
	.byte 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00
	.endm
#undef _SDT_NOP
#define _SDT_NOP PB_NOP10
	PB_BEGIN pb_user_nop10
	STAP_PROBE(probebench, nop10)
	PB_END pb_user_nop10
	PB_BEGIN pb_user_nop10_twin
	PB_NOP10
	PB_END pb_user_nop10_twin
#endif

	.section .note.GNU-stack, "", @progbits
