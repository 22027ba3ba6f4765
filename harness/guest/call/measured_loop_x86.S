/* SPDX-License-Identifier: MIT */
/*
 * The measured loop, in assembly: a compiler that unrolls it by two makes the
 * cost of a call depend on whether their number is even, as GCC 14 at -O3 does.
 * Its shape and its instructions are stated in measured_loop.h.
 */
#if defined(__x86_64__)
	.text

/* void pb_measured_loop(void (*function)(void), uint32_t calls, uint64_t stamps[2]) */
	.balign 64
	.globl pb_measured_loop
	.hidden pb_measured_loop
	.type pb_measured_loop, @function
pb_measured_loop:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	mov %rdi, %r12
	mov %esi, %ebp
	mov %rdx, %r13
	xor %ebx, %ebx
	/* Nothing before the first reading moves behind it ... */
	lfence
	rdtsc
	lfence
	shl $32, %rdx
	lea (%rax, %rdx), %r14
	test %ebp, %ebp
	je pb_measured_loop_turn_end
	.balign 16
	.globl pb_measured_loop_turn
	.hidden pb_measured_loop_turn
pb_measured_loop_turn:
	call *%r12
	add $1, %ebx
	cmp %ebx, %ebp
	jne pb_measured_loop_turn
	.globl pb_measured_loop_turn_end
	.hidden pb_measured_loop_turn_end
pb_measured_loop_turn_end:
	/* ... and nothing of the loop behind the second. */
	rdtscp
	lfence
	shl $32, %rdx
	or %rdx, %rax
	mov %r14, (%r13)
	mov %rax, 8(%r13)
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
	.size pb_measured_loop, . - pb_measured_loop

/* void pb_call_getpgid(void): of the calling process */
	.balign 64
	.globl pb_call_getpgid
	.hidden pb_call_getpgid
	.type pb_call_getpgid, @function
pb_call_getpgid:
	mov $121, %eax
	xor %edi, %edi
	syscall
	ret
	.globl pb_call_getpgid_end
	.hidden pb_call_getpgid_end
pb_call_getpgid_end:
	.size pb_call_getpgid, . - pb_call_getpgid
#endif

	.section .note.GNU-stack, "", @progbits
