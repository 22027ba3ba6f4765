/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The loop that calls a site, in assembly: a compiler that unrolls it by two
 * makes the cost of a call depend on whether their number is even. Shared with
 * user space, where tests/guest/call/measured_loop_test.cpp counts it.
 */
#ifndef PROBEBENCH_LOOP_H
#define PROBEBENCH_LOOP_H

/* Of one turn, beside those of the function: mov, add, call, cmp, jne. */
#define PB_LOOP_TURN_INSNS	5

/* In rbx the calls that were made, in r12 how many to make: neither is the callee's. */
#define PB_LOOP_TURN(fn)						\
	"1:\tmov %%rbx, %%rdi\n\t"					\
	"add $1, %%rbx\n\t"						\
	"call " fn "\n\t"						\
	"cmp %%r12, %%rbx\n\t"						\
	"jne 1b\n\t"
#define PB_LOOP_CLOBBERS						\
	"rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",	\
	"memory", "cc"

#endif
