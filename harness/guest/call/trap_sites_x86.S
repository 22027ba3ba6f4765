/* SPDX-License-Identifier: MIT */
/*
 * What makes a process take a trap, each with a twin of as many instructions
 * that takes none.
 */
#if defined(__x86_64__)
#include "call/user_function_x86.inc"

	.text
	PB_BEGIN pb_trap_int3
	int3
	PB_END pb_trap_int3
	PB_BEGIN pb_trap_int3_twin
	nop
	PB_END pb_trap_int3_twin

	/* The instruction behind popf is run, then the trap is taken; the handler of the signal clears the flag. */
	.macro PB_TRAP_FLAG name, flags
	PB_BEGIN \name
	pushfq
	orl $\flags, (%rsp)
	popfq
	nop
	PB_END \name
	.endm
	PB_TRAP_FLAG pb_trap_flag, 0x100
	PB_TRAP_FLAG pb_trap_flag_twin, 0

	/* tgkill(process, thread, signal); signal 0 is looked up and not sent. */
	.macro PB_TRAP_SIGNAL name, signal
	PB_BEGIN \name
	mov $234, %eax
	mov pb_trap_process(%rip), %edi
	mov pb_trap_thread(%rip), %esi
	mov $\signal, %edx
	syscall
	PB_END \name
	.endm
	PB_TRAP_SIGNAL pb_trap_signal, 5
	PB_TRAP_SIGNAL pb_trap_signal_twin, 0
#endif

	.section .note.GNU-stack, "", @progbits
