/* SPDX-License-Identifier: MIT */
/*
 * A program whose hits are known: 1000 calls of work(), 250 of tick() with its USDT marker, 300 times
 * getpgid(), 200 times getppid(). With an argument that begins with f it fails, with one that begins with d it leaves a process
 * behind.
 */
#define CALLS_WORK 1000
#define CALLS_TICK 250
#define CALLS_GETPGID 300
#define CALLS_GETPPID 200

	.text
	.globl	_start, work, tick
	.type	_start, @function
_start:
	cmpq	$1, (%rsp)
	je	calls
	mov	16(%rsp), %rax
	cmpb	$'f', (%rax)
	je	fails
	mov	$57, %eax		/* fork */
	syscall
	test	%eax, %eax
	jz	stays
calls:
	mov	$CALLS_WORK, %ebx
1:	call	work
	dec	%ebx
	jnz	1b
	mov	$CALLS_TICK, %ebx
2:	call	tick
	dec	%ebx
	jnz	2b
	mov	$CALLS_GETPGID, %ebx
3:	xor	%edi, %edi
	mov	$121, %eax		/* getpgid */
	syscall
	dec	%ebx
	jnz	3b
	mov	$CALLS_GETPPID, %ebx
8:	mov	$110, %eax		/* getppid */
	syscall
	dec	%ebx
	jnz	8b
	xor	%edi, %edi
	jmp	ends
fails:
	mov	$2, %edi
	lea	words(%rip), %rsi
	mov	$(words_end - words), %edx
	mov	$1, %eax		/* write */
	syscall
	mov	$127, %edi
ends:
	mov	$231, %eax		/* exit_group */
	syscall
stays:
	mov	$34, %eax		/* pause */
	syscall
	jmp	stays
	.size	_start, . - _start

	.type	work, @function
work:	/* 55, 48 89 e5, 5d, c3 */
	push	%rbp
	mov	%rsp, %rbp
	pop	%rbp
	ret
	.size	work, . - work

	.type	tick, @function
tick:
	cmpw	$0, tick_semaphore(%rip)
	je	4f
marker:	nop
4:	ret
	.size	tick, . - tick


	.section .rodata
words:	.ascii	"first words\nno /etc/app.conf\n"
words_end:

	.section .probes, "aw", @progbits
tick_semaphore:
	.2byte	0

	.section .stapsdt.base, "a", @progbits
marker_base:
	.space	1

	.section .note.stapsdt, "", @note
	.balign	4
	.4byte	5f - 4f, 7f - 6f, 3
4:	.asciz	"stapsdt"
5:	.balign	4
6:	.8byte	marker, marker_base, tick_semaphore
	.asciz	"probed"
	.asciz	"tick"
	.asciz	""
7:	.balign	4

	.section .note.GNU-stack, "", @progbits
