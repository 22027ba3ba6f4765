/* SPDX-License-Identifier: MIT */
/*
 * The agent's own probe sites on arm64, as user_sites_x86.S has them. There is
 * no nop of more than one instruction.
 */
#if defined(__aarch64__)
#include <sys/sdt.h>

#include "call/user_function_arm64.inc"

	.macro PB_SITE name, first, second
	PB_BEGIN \name
	\first
	\second
	PB_END \name
	PB_BEGIN \name\()_twin
	\first
	\second
	PB_END \name\()_twin
	.endm

	.text
	PB_SITE pb_user_nop, "nop"
	PB_SITE pb_user_push, "stp x29, x30, [sp, #-16]!", "ldp x29, x30, [sp], #16"
	PB_SITE pb_user_ret

	PB_BEGIN pb_user_marker
	STAP_PROBE(probebench, marker)
	PB_END pb_user_marker
	PB_BEGIN pb_user_marker_twin
	nop
	PB_END pb_user_marker_twin
#endif

	.section .note.GNU-stack, "", %progbits
