/* SPDX-License-Identifier: MIT */
/* The program of child_x86.S as bytes; the build says where it is. */
	.section .rodata
	.globl probebench_child_begin
	.globl probebench_child_end
	.hidden probebench_child_begin
	.hidden probebench_child_end
probebench_child_begin:
	.incbin PROBEBENCH_CHILD
probebench_child_end:
	.section .note.GNU-stack,"",@progbits
