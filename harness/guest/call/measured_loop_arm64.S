/* SPDX-License-Identifier: MIT */
/*
 * The measured loop for arm64, as measured_loop_x86.S has it for x86-64. Its
 * shape and its instructions are stated in measured_loop.h.
 */
#if defined(__aarch64__)
	.text

/* void pb_measured_loop(void (*function)(void), uint32_t calls, uint64_t stamps[2]) */
	.balign 64
	.globl pb_measured_loop
	.hidden pb_measured_loop
	.type pb_measured_loop, @function
pb_measured_loop:
	stp x29, x30, [sp, #-64]!
	mov x29, sp
	stp x19, x20, [sp, #16]
	stp x21, x22, [sp, #32]
	str x23, [sp, #48]
	mov x19, x0
	mov w20, w1
	mov x21, x2
	mov w22, #0
	/* Nothing before the first reading moves behind it ... */
	isb
	mrs x23, cntvct_el0
	isb
	cbz w20, pb_measured_loop_turn_end
	.balign 16
	.globl pb_measured_loop_turn
	.hidden pb_measured_loop_turn
pb_measured_loop_turn:
	blr x19
	add w22, w22, #1
	cmp w20, w22
	b.ne pb_measured_loop_turn
	.globl pb_measured_loop_turn_end
	.hidden pb_measured_loop_turn_end
pb_measured_loop_turn_end:
	/* ... and nothing of the loop behind the second. */
	isb
	mrs x0, cntvct_el0
	isb
	stp x23, x0, [x21]
	ldp x19, x20, [sp, #16]
	ldp x21, x22, [sp, #32]
	ldr x23, [sp, #48]
	ldp x29, x30, [sp], #64
	ret
	.size pb_measured_loop, . - pb_measured_loop

/* void pb_call_getpgid(void): of the calling process */
	.balign 64
	.globl pb_call_getpgid
	.hidden pb_call_getpgid
	.type pb_call_getpgid, @function
pb_call_getpgid:
	mov x8, #155
	mov x0, #0
	svc #0
	ret
	.globl pb_call_getpgid_end
	.hidden pb_call_getpgid_end
pb_call_getpgid_end:
	.size pb_call_getpgid, . - pb_call_getpgid
#endif

	.section .note.GNU-stack, "", %progbits
